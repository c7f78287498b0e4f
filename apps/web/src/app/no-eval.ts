export {} // a module, so that the name below can be declared for everyone

declare global {
  var __zod_globalConfig: { jitless?: boolean } | undefined
}

/**
 * The schema library compiles parsers with `new Function` and probes whether it may. The page's policy says no, which every
 * visitor's console would report as a violation. Imported first: it must stand before the first schema is used.
 */
globalThis.__zod_globalConfig = { jitless: true }
