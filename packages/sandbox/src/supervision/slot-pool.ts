/** The slots of an engine: each serves one sandbox at a time, and is free again when that is gone. */
import { EngineFault, type Sandbox } from '../engine.ts'

export type OpenIn<Slot, Opened extends Sandbox> = (
  slot: Slot,
  diskBytes: number,
  onDestroyed: () => void,
) => Opened | Promise<Opened>

export type SlotPool<Opened extends Sandbox> = {
  open(request: { diskBytes: number }): Promise<Opened>
  isClosing(): boolean
  /** Destroys what is open. The slots themselves are their owner's to end, afterwards. */
  close(): Promise<void>
}

export function slotPool<Slot, Opened extends Sandbox>(slots: readonly Slot[], openIn: OpenIn<Slot, Opened>): SlotPool<Opened> {
  const free = [...slots]
  const open = new Set<Opened>()
  let closing: Promise<void> | null = null
  const openOne = async (slot: Slot, diskBytes: number): Promise<Opened> => {
    const sandbox = await openIn(slot, diskBytes, () => {
      open.delete(sandbox)
      free.push(slot)
    })
    open.add(sandbox)
    return sandbox
  }
  return {
    async open({ diskBytes }) {
      if (closing) throw new EngineFault('The engine is closing.')
      const slot = free.shift()
      if (slot === undefined) throw new EngineFault(`All ${slots.length} sandboxes are open.`)
      return await openOne(slot, diskBytes).catch((cause: unknown) => {
        free.push(slot)
        throw cause
      })
    },
    isClosing: () => closing !== null,
    close() {
      closing ??= Promise.all([...open].map((sandbox) => sandbox.destroy())).then(() => {})
      return closing
    },
  }
}
