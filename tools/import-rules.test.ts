import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import configuration from '../.dependency-cruiser.mjs'

const root = join(import.meta.dirname, '..')
const modules = 'apps/server/src/modules'
const dependencies = { '@crucible/contracts': '1.0.0', declared: '1.0.0', pg: '1.0.0', zod: '1.0.0' }

/** rule → [who imports, what]: one breach of each, which no other rule reports. */
const breaches: Record<string, readonly [from: string, to: string]> = {
  'contracts import nothing of ours': ['packages/contracts/src/breach.ts', 'packages/sandbox/src/legal.ts'],
  'the sandbox imports nothing of ours': ['packages/sandbox/src/breach.ts', 'packages/contracts/src/legal.ts'],
  'the sdk imports contracts alone of ours': ['packages/sdk/src/breach.ts', 'packages/sandbox/src/legal.ts'],
  'the executor imports the sandbox alone of ours': ['apps/executor/src/breach.ts', '@crucible/contracts'], // by its name, as our code does
  'the server imports contracts and the sandbox specification alone of ours': [
    'apps/server/src/platform/queue/breach.ts',
    'packages/sandbox/src/engine.ts',
  ],
  'the web app imports the sdk and contracts alone of ours': ['apps/web/src/api/breach.ts', 'packages/sandbox/src/legal.ts'],
  'the cli imports the sdk and contracts alone of ours': ['apps/cli/src/breach.ts', 'apps/server/src/platform/http/legal.ts'],
  'contracts and the sandbox import no package but the schema library': ['packages/contracts/src/package.ts', 'declared'],
  'the sandbox specification imports the schema library alone': ['packages/sandbox/src/spec.ts', 'packages/sandbox/src/legal.ts'],
  'contracts and the sdk run in a browser': ['packages/sdk/src/node.ts', 'node:fs'],
  'an engine never imports another engine': [
    'packages/sandbox/src/engines/namespaces/breach.ts',
    'packages/sandbox/src/engines/docker/legal.ts',
  ],
  'identity calls audit alone': [`${modules}/identity/breach.ts`, `${modules}/projects/index.ts`],
  'projects call identity and audit alone': [`${modules}/projects/breach.ts`, `${modules}/evaluations/index.ts`],
  'evaluations call projects, identity and audit alone': [
    `${modules}/evaluations/breach.ts`,
    `${modules}/notifications/index.ts`,
  ],
  'collaboration calls nothing downstream': [`${modules}/collaboration/breach.ts`, `${modules}/notifications/index.ts`],
  'notifications call identity and audit alone': [`${modules}/notifications/breach.ts`, `${modules}/projects/index.ts`],
  'audit calls no module': [`${modules}/audit/breach.ts`, `${modules}/identity/index.ts`],
  'a module is entered through its index': [`${modules}/evaluations/window.ts`, `${modules}/projects/store.ts`],
  'a role enters a module through its index': ['apps/server/src/roles/breach.ts', `${modules}/projects/store.ts`],
  'a module knows neither configuration nor roles': [`${modules}/projects/odd.ts`, 'apps/server/src/config.ts'],
  'platform knows neither modules, roles nor configuration': [
    'apps/server/src/platform/http/breach.ts',
    `${modules}/audit/index.ts`,
  ],
  'pg is imported only in platform/db': ['apps/server/src/platform/queue/pool.ts', 'pg'],
  'a child process is started only by engines, attacks on them, the executor, role all, the embedded database and the cli': [
    'apps/server/src/roles/worker.ts',
    'node:child_process',
  ],
  'a web feature never imports another feature': [
    'apps/web/src/features/editor/breach.ts',
    'apps/web/src/features/history/legal.ts',
  ],
  'production code never imports the testkit or a test': ['apps/server/src/roles/seed.ts', 'packages/testkit/src/legal.ts'],
  'set-up imports node alone': ['tools/setup/breach.mjs', 'declared'],
  'there are no cycles': ['apps/cli/src/chicken.ts', 'apps/cli/src/egg.ts'],
  'every import resolves': ['apps/cli/src/lost.ts', './gone.ts'],
  'a package declares what it imports': ['apps/server/src/platform/http/stray.ts', 'undeclared'],
  'nothing is called utils, helpers, common, shared, misc or lib': ['apps/cli/src/odd.ts', 'apps/cli/src/utils/legal.ts'],
}

/** What the table of architecture.md allows, so that a rule which forbids everything does not pass either. */
const allowed: readonly (readonly [from: string, to: string])[] = [
  ['packages/sdk/src/fine.ts', 'packages/contracts/src/legal.ts'],
  ['packages/contracts/src/fine.ts', 'zod'],
  ['packages/sandbox/src/engines/namespaces/fine.ts', 'node:child_process'],
  ['packages/sandbox/src/engines/namespaces/near.ts', 'packages/sandbox/src/engine.ts'],
  ['apps/executor/src/fine.ts', 'packages/sandbox/src/legal.ts'],
  ['apps/server/src/platform/db/fine.ts', 'pg'],
  ['apps/server/src/roles/all/fine.ts', 'node:child_process'],
  ['apps/server/src/roles/fine.ts', 'apps/server/src/config.ts'],
  ['apps/server/src/roles/door.ts', `${modules}/evaluations/index.ts`],
  [`${modules}/evaluations/fine.ts`, `${modules}/projects/index.ts`],
  [`${modules}/collaboration/fine.ts`, `${modules}/evaluations/index.ts`],
  [`${modules}/identity/fine.ts`, `${modules}/audit/index.ts`],
  [`${modules}/evaluations/near.ts`, 'packages/contracts/src/legal.ts'],
  [`${modules}/evaluations/fine.test.ts`, 'packages/testkit/src/legal.ts'],
  ['apps/web/src/features/editor/fine.ts', 'packages/sdk/src/legal.ts'],
  ['tools/setup/fine.mjs', 'node:child_process'],
]

type Cruise = {
  modules: { source: string; dependencies: { rules?: { name: string }[] }[] }[]
  summary: { violations: { from: string; rule: { name: string } }[]; totalDependenciesCruised: number }
}

let planted: string
beforeAll(async () => {
  planted = await mkdtemp(join(tmpdir(), 'crucible-import-rules-'))
  await cp(join(root, 'tsconfig.json'), join(planted, 'tsconfig.json'))
  await write('package.json', JSON.stringify({ workspaces: ['apps/*', 'packages/*'], dependencies }))
  for (const folder of [
    'apps/server',
    'apps/cli',
    'apps/executor',
    'apps/web',
    'packages/contracts',
    'packages/sandbox',
    'packages/sdk',
  ])
    await write(`${folder}/package.json`, JSON.stringify({ name: basename(folder), exports: './src/legal.ts', dependencies }))
  await mkdir(join(planted, 'node_modules/@crucible'), { recursive: true })
  await symlink('../../packages/contracts', join(planted, 'node_modules/@crucible/contracts'))
  for (const name of ['declared', 'undeclared', 'pg', 'zod']) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
    await write(`node_modules/${name}/index.js`, 'export const x = 1\n')
  }
  const imports = [...Object.values(breaches), ...allowed]
  for (const [, to] of imports) if (/^(apps|packages)\//.test(to)) await write(to, 'export const x = 1\n')
  for (const [from, to] of imports) await write(from, `import { x } from '${specifier(from, to)}'\nexport const y = x\n`)
  await write('apps/cli/src/egg.ts', `import { y } from './chicken.ts'\nexport const x = y\n`)
})
afterAll(() => rm(planted, { recursive: true, force: true }))

test('a planted breach of each rule is reported by exactly that rule', async () => {
  const found = await cruise(planted)
  for (const [rule, [from]] of Object.entries(breaches)) {
    const reported = new Set(found.summary.violations.filter((violation) => violation.from === from).map(({ rule }) => rule.name))
    expect({ from, reported: [...reported] }).toEqual({ from, reported: [rule] })
  }
})

test('what the table allows is not reported', async () => {
  const legal = new Set(allowed.map(([from]) => from))
  const found = await cruise(planted)
  expect(found.modules.filter(({ source }) => legal.has(source))).toHaveLength(legal.size)
  expect(found.summary.violations.filter(({ from }) => legal.has(from))).toEqual([])
})

test('no rule is without a planted breach, and no breach without a rule', () => {
  expect(Object.keys(breaches).sort()).toEqual(configuration.forbidden.map(({ name }) => name).sort())
})

test('the check reads every source file of the repository', async () => {
  // With TypeScript 7 under the name `typescript` the tool reads no .ts file at all and reports success.
  const read = new Set((await cruise(root)).modules.map(({ source }) => source))
  const present = (await Promise.all(['apps', 'packages'].map(sources))).flat()
  expect(present.length).toBeGreaterThan(0)
  expect(present.filter((path) => !read.has(path))).toEqual([])
})

const specifier = (from: string, to: string) =>
  /^(apps|packages)\//.test(to) ? relative(dirname(from), to).replace(/^(?!\.)/, './') : to

async function write(path: string, text: string) {
  await mkdir(dirname(join(planted, path)), { recursive: true })
  await writeFile(join(planted, path), text)
}

/** Runs the tool as `npm run check` does. It exits with the number of breaches, which here is not a failure. */
async function cruise(cwd: string): Promise<Cruise> {
  const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [tool, '--config', join(root, '.dependency-cruiser.mjs'), '--output-type', 'json', 'apps', 'packages', 'tools']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 64 * 2 ** 20 })
  return JSON.parse(stdout) as Cruise // written by the pinned tool
}

async function sources(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
}
