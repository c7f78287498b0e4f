/** The processes of one product, found from outside as an operator would: by their parents and their command lines. */
import { readdirSync, readFileSync, statSync } from 'node:fs'

export type Process = { readonly pid: number; readonly parent: number; readonly uid: number; readonly command: string }

export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return [] // dead; its parent has yet to ask how it ended
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        return [{ pid: Number(name), parent: Number(parent), uid: statSync(`/proc/${name}`).uid, command }]
      } catch {
        return [] // gone between the listing and the look
      }
    })
}

export function descendants(of: number): Process[] {
  const all = processes()
  const found: Process[] = []
  const parents = [of]
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    const children = all.filter((process) => process.parent === parent)
    found.push(...children)
    parents.push(...children.map(({ pid }) => pid))
  }
  return found
}
