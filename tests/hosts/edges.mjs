// The edges by name. Each starts one in its runtime: `(origin, identity)` to `{ url, log, stop }`, and
// `cacheOf` where it says elsewhere than in Cache-Status what its cache did. `cannot` names what it does not do, and why.
import { cloudflare } from "./cloudflare.mjs";
import { cloudfront } from "./cloudfront.mjs";
import { spin } from "./spin.mjs";

export const EDGES = { cloudflare, cloudfront, spin };

// The one that a test run is for.
export const edgeOfThisRun = () => EDGES[process.env.EDGE ?? "cloudflare"];
