import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** What a first visit may cost, in gzipped bytes. The editor is not in the entry: it comes when a screen needs it. */
export const budget = { entryScriptBytes: 220_000, styleBytes: 40_000 } as const

export type Sizes = {
  readonly entryScriptBytes: number
  readonly styleBytes: number
  readonly allScriptBytes: number
  readonly entry: readonly string[]
}

/** Measures a finished build: what `index.html` asks for at once, and all styles together. */
export function measure(dist: string): Sizes {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const entry = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '')
  const gzipped = (file: string) => gzipSync(readFileSync(join(dist, file))).byteLength
  const sum = (files: readonly string[]) => files.reduce((bytes, file) => bytes + gzipped(file), 0)
  const assets = readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)
  return {
    entry,
    entryScriptBytes: sum(entry),
    styleBytes: sum(assets.filter((name) => name.endsWith('.css'))),
    allScriptBytes: sum(assets.filter((name) => name.endsWith('.js'))),
  }
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`

/** Prints the sizes after a build, and fails it when one is over. */
export const sizeBudget = (): Plugin => {
  let dist = ''
  return {
    name: 'size-budget',
    apply: 'build',
    configResolved(config) {
      dist = resolve(config.root, config.build.outDir)
    },
    closeBundle() {
      const sizes = measure(dist)
      console.log(
        `gzipped: entry ${kB(sizes.entryScriptBytes)} of ${kB(budget.entryScriptBytes)}, styles ${kB(sizes.styleBytes)} of ${kB(budget.styleBytes)}, all scripts ${kB(sizes.allScriptBytes)}`,
      )
      if (sizes.entryScriptBytes > budget.entryScriptBytes) this.error('The entry is over its budget.')
      if (sizes.styleBytes > budget.styleBytes) this.error('The styles are over their budget.')
    },
  }
}
