import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecoyName } from '../attack.ts'
import type { Decoy, Placing } from './decoy.ts'
import { placeFile, placePrivateFile } from './files.ts'
import { placeAbstract, placeAddress, placeTcp, placeTcp6, placeUdp, placeUnix } from './listeners.ts'
import { placeProcess } from './process.ts'

const places: Readonly<Record<DecoyName, (placing: Placing) => Promise<Decoy>>> = {
  file: placeFile,
  'private-file': placePrivateFile,
  tcp: placeTcp,
  tcp6: placeTcp6,
  udp: placeUdp,
  address: placeAddress,
  unix: placeUnix,
  abstract: placeAbstract,
  process: placeProcess,
}

/** Puts out what an attack asks for. Whoever calls this calls `remove`. */
export async function placeDecoys(names: readonly DecoyName[], placing: Omit<Placing, 'directory'>): Promise<Decoy> {
  const directory = await mkdtemp(join(tmpdir(), 'crucible-decoy-'))
  await chmod(directory, 0o777)
  const placed: Decoy[] = []
  const remove = async () => {
    await Promise.all(placed.map((decoy) => decoy.remove()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    for (const name of names) placed.push(await places[name]({ ...placing, directory }))
  } catch (cause) {
    await remove()
    throw cause
  }
  return {
    values: Object.assign({}, ...placed.map(({ values }) => values)),
    disturbed: () => placed.flatMap((decoy) => decoy.disturbed()),
    remove,
  }
}
