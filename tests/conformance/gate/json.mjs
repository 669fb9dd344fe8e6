// JSON that reads well as a diff: broken into lines down to a depth, and from there on one line each.

/** The text of a value whose first `depth` levels are broken into lines, ending with a newline. */
export function inLines(value, depth) {
  return `${nested(value, depth, '')}\n`;
}

function nested(value, depth, indent) {
  if (depth === 0 || typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((part) => nested(part, depth - 1, inner))]
    : ['{', '}', Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${nested(part, depth - 1, inner)}`)];
  return parts.length === 0 ? open + close : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}
