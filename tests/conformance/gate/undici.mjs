// Gives the current suite our undici: a checkout of it has no node_modules of its own.

export function resolve(specifier, context, next) {
  return next(specifier, specifier === 'undici' ? { ...context, parentURL: import.meta.url } : context);
}
