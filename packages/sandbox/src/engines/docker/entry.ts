import type { EngineEntry } from '../entry.ts'
import { dockerCalls } from './calls.ts'
import { findImage } from './find-image.ts'
import { dockerHttp } from './http.ts'
import { dockerEngine } from './index.ts'
import { readSettings, settingNames } from './settings.ts'

export const dockerEntry: EngineEntry & { readonly name: 'docker' } = {
  name: 'docker',
  isolation: 'kernel-shared', // with runsc it is kernel-private, as the engine itself then says
  summary: 'Containers through the Docker Engine API, best behind a proxy; runc, or runsc for a kernel of its own.',
  settings: settingNames,
  async check(options, signal) {
    const settings = readSettings(options.settings)
    await findImage(dockerCalls(dockerHttp(settings.address)), settings, signal)
  },
  make: dockerEngine,
}
