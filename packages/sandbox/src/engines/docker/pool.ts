/** The slots of an engine: as many sandboxes as there are users, each given back when its sandbox is gone. */
import { EngineFault, type Sandbox } from '../../engine.ts'
import { openSandbox, type Site, type Slot } from './sandbox.ts'

export function makePool(site: Site, slots: readonly Slot[]) {
  const free = [...slots]
  const open = new Set<Sandbox>()
  let closing: Promise<void> | null = null
  return {
    async open({ diskBytes }: { diskBytes: number }): Promise<Sandbox> {
      if (closing) throw new EngineFault('The engine is closing.')
      const slot = free.shift()
      if (!slot) throw new EngineFault(`All ${slots.length} sandboxes are open.`)
      const sandbox = await openSandbox(site, slot, diskBytes, () => {
        open.delete(sandbox)
        free.push(slot)
      }).catch((cause: unknown) => {
        free.push(slot)
        throw cause
      })
      open.add(sandbox)
      return sandbox
    },
    close(): Promise<void> {
      closing ??= Promise.all([...open].map((sandbox) => sandbox.destroy())).then(() => {})
      return closing
    },
  }
}
