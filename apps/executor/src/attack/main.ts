/**
 * `node main.ts --engine E …`: attacks an engine on this machine, with what an executor has there and no more, and says
 * what it sees, one JSON object a line. `crucible attack` starts it and makes the reports; config.ts has all flags.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FoundEngine, Obstacle } from '@crucible/sandbox'
import { applicable, attack, controls, removeTraces } from '@crucible/sandbox/attacks'
import { confine } from '../confine.ts'
import { watchParent } from '../watch-parent.ts'
import { type AttackConfig, readAttackConfig, UsageError } from './config.ts'
import { startAttacked, startControls } from './targets.ts'

async function say(event: Readonly<Record<string, unknown>>): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(event)}\n`)) await once(process.stdout, 'drain')
}

async function main(): Promise<void> {
  const config = readAttackConfig(process.argv.slice(2))
  if (config.list) return await list(config)
  confine()
  holdSecret(config)
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(new Error(name)))
  watchParent(() => stop.abort(new Error('the parent process is gone')))
  const stateDir = mkdtempSync(join(tmpdir(), 'crucible-attack-'))
  chmodSync(stateDir, 0o711) // users of sandboxes reach what is theirs in it
  const started: FoundEngine[] = []
  const mark = randomBytes(8).toString('hex')
  try {
    await run(config, { stateDir, mark }, (engine) => started.push(engine), stop.signal)
  } finally {
    for (const engine of started.reverse()) await engine.close()
    rmSync(stateDir, { recursive: true, force: true })
  }
  const left = removeTraces(mark)
  if (left.length > 0) throw new Error(`When all was over and the engine closed: ${left.join('; ')}.`)
  await say({ type: 'finished' })
}

/** Starts itself once more with the secret in its environment, from which an engine must not hand it on. */
function holdSecret(config: AttackConfig): void {
  const secret = config['runner-secret']
  if (secret === undefined || config.settled || process.execve === undefined) return
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1), '--settled']
  process.execve(process.execPath, self, { CRUCIBLE_ATTACK_DECOY: secret })
}

async function run(
  config: AttackConfig,
  { stateDir, mark }: { stateDir: string; mark: string },
  keep: (engine: FoundEngine) => void,
  signal: AbortSignal,
): Promise<void> {
  const { engine, offered, target } = await startAttacked(config, join(stateDir, 'engine'), mark, keep, signal)
  await say({
    type: 'started',
    engine: { name: engine.name, version: engine.version, isolation: engine.isolation, cannot: engine.cannot },
    machine: { kernel: release(), cpu: cpus()[0]?.model ?? 'unknown', asRoot: process.geteuid?.() === 0 },
    slots: engine.slots,
    runtimes: offered.runtimes.map(({ info }) => info.name),
    unavailable: offered.unavailable,
    attacks: config.family.reduce((sum, family) => sum + applicable(family).length, 0),
  })
  for await (const result of attack(target, config.family, signal)) await say({ type: 'attack', ...result })
  if (config.controls) {
    const targets = await startControls(config, stateDir, target, keep)
    for await (const result of controls(targets, config.family, signal)) await say({ type: 'control', ...result })
  }
}

async function list({ family }: AttackConfig): Promise<void> {
  for (const each of family)
    for (const { id, language, tries, control } of applicable(each))
      await say({
        type: 'listed',
        id: `${each}/${id}`,
        language,
        tries,
        control: 'on' in control ? control.on : `none: ${control.without}`,
      })
  await say({ type: 'finished' })
}

main().then(
  () => process.exit(0),
  async (cause: unknown) => {
    const reason = cause instanceof Obstacle ? cause.reason : cause instanceof Error ? cause.message : String(cause)
    await say({
      type: 'failed',
      isUsage: cause instanceof UsageError,
      reason,
      remedy: cause instanceof Obstacle ? cause.remedy : null,
    })
    process.exit(1)
  },
)
