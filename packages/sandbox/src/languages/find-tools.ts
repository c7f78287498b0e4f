/** Finds the host's programs in fixed directories only: a PATH could lead into a user's own files. */
import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Language, Tool } from './language.ts'

/** Tool name → where it really is. */
export type Found = Readonly<Record<string, string>>

const systemDirectories = ['/usr/', '/bin/', '/lib/', '/opt/']

/** Where a sandbox sees a tool. One from outside the system's directories is one file, and is shown as if it were local. */
export function insidePath(host: string): string {
  return systemDirectories.some((directory) => host.startsWith(directory)) ? host : `/usr/local/bin/${basename(host)}`
}

export type ToolPlaces = {
  readonly directories: readonly string[]
  /** The Node that runs us comes through npm and lies outside every system directory. */
  readonly nodePath: string
}
export const hostPlaces: ToolPlaces = { directories: ['/usr/bin', '/usr/local/bin', '/bin'], nodePath: process.execPath }

/** One candidate for every place that has the language's first tool; its other tools are looked up beside it first. */
export function findTools(language: Language, places: ToolPlaces = hostPlaces): { found: Found[]; missing: string } {
  const [first, ...others] = language.tools
  if (first === undefined) throw new Error(`${language.name} names no tool`) // the schema asks for one
  const found: Found[] = []
  let missing = first.name
  for (const path of everyPath(first, places.directories, places.nodePath)) {
    const paths: Record<string, string> = { [first.name]: path }
    const lacking = others.filter((tool) => {
      const beside = everyPath(tool, [dirname(path), ...places.directories], places.nodePath)[0]
      if (beside !== undefined) paths[tool.name] = beside
      return beside === undefined
    })
    if (lacking.length === 0) found.push(paths)
    else missing = lacking.map((tool) => tool.name).join(', ')
  }
  return { found, missing }
}

function everyPath(tool: Tool, directories: readonly string[], nodePath: string): string[] {
  const named = directories.flatMap((directory) => tool.commands.map((command) => join(directory, command)))
  const paths = tool.name === 'node' ? [nodePath, ...named] : named
  return [...new Set(paths.flatMap((path) => realPath(path) ?? []))]
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined // absent here, which is an answer
  }
}
