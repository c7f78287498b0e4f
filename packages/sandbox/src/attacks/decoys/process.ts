/** A process of the host for each user that a program may be, with the secret in its arguments, environment and memory. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Owner } from '../attack.ts'
import type { Decoy, Placing } from './decoy.ts'

const perl = '/usr/bin/perl' // in the base system of Debian, and what the engines use themselves
// Tells of every signal it can catch. It ends with its standard input, so that it does not outlive us however we end.
const script = `
$SIG{$_} = sub { syswrite STDOUT, "signal $_[0]\\n" } for grep { !/^(KILL|STOP|CHLD|NUM\\d+|CLD|__.*)$/ } keys %SIG;
$kept = $ENV{DECOY}; syswrite STDOUT, "ready\\n";
while (1) { my $got = sysread STDIN, my $byte, 1; last if defined $got && $got == 0 }
`

/** `@PIDS@`: their process ids as the host counts, separated by commas. */
export async function placeProcess({ secret, owners }: Placing): Promise<Decoy> {
  const users: readonly (Owner | null)[] = owners.length > 0 ? owners : [null]
  const decoys = await Promise.all(users.map((owner) => start(secret, owner)))
  return {
    values: { PIDS: decoys.map(({ child }) => child.pid).join(',') },
    disturbed: () => decoys.flatMap((decoy) => disturbances(decoy)),
    async remove() {
      await Promise.all(
        decoys.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        }),
      )
    },
  }
}

type Started = { readonly child: ChildProcess; readonly said: () => string }

async function start(secret: string, owner: Owner | null): Promise<Started> {
  const child = spawn(perl, ['-e', script, secret], {
    cwd: '/',
    detached: true, // a group of its own: who signals the whole group must not find us in it
    env: { DECOY: secret },
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(owner ?? {}),
  })
  let said = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('A decoy process ended at once.')))
    child.stdout?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('latin1')).slice(0, 4096)
      if (said.includes('ready\n')) resolve()
    })
  })
  await ready
  return { child, said: () => said.replace('ready\n', '') }
}

function disturbances({ child, said }: Started): string[] {
  const { exitCode, signalCode } = child
  if (exitCode !== null || signalCode !== null) return [`a process of the host was ended (${signalCode ?? exitCode})`]
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return [
    ...(said() === '' ? [] : [`a process of the host was signalled (${said().trim().replaceAll('\n', ', ')})`]),
    ...(/^State:\s+[tTZ]/m.test(status) ? ['a process of the host was stopped'] : []),
    ...(/^TracerPid:\s+0$/m.test(status) ? [] : ['a process of the host is traced']),
  ]
}
