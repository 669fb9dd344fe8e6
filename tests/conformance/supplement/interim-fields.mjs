/** What the 103 of interim.mjs carries. */
export const EARLY_FIELDS = { link: '</style.css>; rel=preload; as=style', 'own-early': 'yes' };
