import { constants } from 'node:os'

const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))
names.set(constants.signals.SIGABRT, 'SIGABRT') // not its old name SIGIOT, which comes later in the table
names.set(constants.signals.SIGIO, 'SIGIO')

/** 'SIGSEGV' for 11; 'SIGRT34' for a real-time signal, which has no name of its own. */
export function signalName(number: number): string {
  return names.get(number) ?? `SIGRT${number}`
}
