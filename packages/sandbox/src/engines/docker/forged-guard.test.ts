import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dockerEngine } from './index.ts'
import { startDaemon } from './trial/daemon.ts'
import { optionsFor, python } from './trial/engine.ts'

const daemon = await startDaemon({ required: process.env['CI'] !== undefined, runsc: true })
const host = daemon?.proxy.host ?? ''
const stateDir = mkdtempSync(join(tmpdir(), 'crucible-docker-'))
afterAll(async () => {
  await daemon?.stop()
  rmSync(stateDir, { recursive: true })
})

/** As inside/frames.pl writes one. */
const frame = 'import struct, time\ndef frame(kind, text): return kind + struct.pack(">I", len(text)) + text\n'
const ended = 'ended 0 1000 1000 1000 1000 0 0 0 0'
const forgeries = {
  'that it has ended well': `frame(b"f", b"0" * 32 + b"\\n${ended}\\n")`,
  'that it has ended well, as if it had not started': `frame(b"s", b"started\\n") + frame(b"s", b"${ended}\\n") + frame(b"f", b"")`,
  'nothing that makes sense': 'b"\\xff" * 64',
}

test.skipIf(!daemon)('a program that speaks as if it were its guard is a violation, and earns nothing', async () => {
  const engine = await dockerEngine(
    optionsFor(host, { stateDir, uidBase: 1_760_001_100, settings: { 'docker-runtime': 'runsc' } }),
  )
  for (const [what, bytes] of Object.entries(forgeries)) {
    const source = `${frame}with open("/proc/1/fd/1", "wb", buffering=0) as out: out.write(${bytes})\ntime.sleep(60)\n`
    expect({ what, ...(await python(engine, source)) }).toMatchObject({ what, reason: 'violation', exitCode: null })
  }
  expect(await python(engine, 'print("fine")')).toMatchObject({ reason: 'exited', stdout: 'fine\n' })
  await engine.close()
  expect(await daemon?.left()).toEqual([])
})
