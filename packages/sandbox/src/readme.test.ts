/** The example of the README is a program, and it does what it says. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const packageRoot = join(import.meta.dirname, '..')

test('the README’s example prints the verdict', async () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const directory = mkdtempSync(join(packageRoot, '.readme-')) // inside the package, so that its name resolves
  try {
    const file = join(directory, 'example.mts')
    writeFileSync(file, example.replace('/tmp/crucible-example', join(directory, 'state')))
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said: string[] = []
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => said.push(chunk))
    expect(await once(child, 'close')).toEqual([0, null])
    expect(said.join('')).toBe('accepted\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
