/**
 * For the web app and the API reference. Program output reaches the page, so nothing that is not ours may run in it.
 * Inline styles are needed by the component library; inline scripts by nobody. No upgrade-insecure-requests and no HSTS:
 * the server itself speaks plain HTTP, mostly on localhost; who puts TLS in front adds them there.
 */
export const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    workerSrc: ["'self'", 'blob:'],
    objectSrc: ["'none'"],
    baseUri: ["'self'"], // index.html says with <base> where it lives, so that a proxy may add a path
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
}
