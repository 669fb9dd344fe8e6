// The edges by name. Each starts one in its runtime: `(origin, identity)` to `{ url, log, stop }`.
import { cloudflare } from "./cloudflare.mjs";

export const EDGES = { cloudflare };

// The one that a test run is for.
export const edgeOfThisRun = () => EDGES[process.env.EDGE ?? "cloudflare"];
