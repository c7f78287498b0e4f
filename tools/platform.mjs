import { requirePlatform } from './setup/platform.mjs'
import { command } from './setup/report.mjs'

// Apart from start.mjs, because `npm start` replaces its shell (`exec`), which a shell of another platform may not know.
await command(async () => {
  requirePlatform()
  return 0
})
