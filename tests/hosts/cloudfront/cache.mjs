// CloudFront's cache, by a generated cache policy: how long it keeps what ("Manage how long content stays in the cache" in
// its developer guide) and what an invalidation drops.

export class Cache {
  #entries = new Map();

  get(key) {
    return this.#entries.get(key);
  }

  // Stores an answer if its header allows it; returns what was stored.
  put(key, answer, tagHeader, now) {
    const lifetimes = lifetimesOf(answer);
    if (!lifetimes) return undefined;
    const tags = values(answer.headers, tagHeader).flatMap((line) => line.split(",").map((tag) => tag.trim().toLowerCase()));
    const entry = { ...answer, ...lifetimes, tags, storedAt: now };
    this.#entries.set(key, entry);
    return entry;
  }

  // `items` are paths, with `*` at their end for all that begin so, or tags behind a `#`.
  invalidate(items) {
    let dropped = 0;
    for (const [key, entry] of this.#entries) {
      if (!items.some((item) => names(item, entry))) continue;
      this.#entries.delete(key);
      dropped += 1;
    }
    return dropped;
  }
}

// Where an entry stands: `fresh`, `revalidate` (served while it is asked about), `cover` (served if the origin fails), `gone`.
export function standing(entry, now) {
  const staleFor = (now - entry.storedAt) / 1000 - entry.maxAge;
  if (staleFor < 0) return "fresh";
  if (staleFor < entry.staleWhileRevalidate) return "revalidate";
  return staleFor < entry.staleIfError ? "cover" : "gone";
}

export function values(headers, name) {
  return (headers[name] ?? []).map(({ value }) => value);
}

function names(item, entry) {
  if (item.startsWith("#")) return entry.tags.includes(item.slice(1).toLowerCase());
  return item.endsWith("*") ? entry.path.startsWith(item.slice(0, -1)) : entry.path === item;
}

function lifetimesOf({ status, headers }) {
  const directives = new Map();
  for (const part of values(headers, "cache-control").flatMap((line) => line.split(","))) {
    const [name, value] = part.trim().toLowerCase().split("=");
    directives.set(name, Number(value ?? 0));
  }
  // Every minimum of the generated policies is 0: what forbids storing is obeyed.
  if (["no-store", "no-cache", "private"].some((name) => directives.has(name))) return undefined;
  const maxAge = directives.get("s-maxage") ?? directives.get("max-age") ?? 0;
  if (!(maxAge > 0) || ![200, 203, 204, 300, 301, 404, 410].includes(Number(status))) return undefined;
  return {
    maxAge,
    staleWhileRevalidate: directives.get("stale-while-revalidate") ?? 0,
    staleIfError: directives.get("stale-if-error") ?? 0,
  };
}
