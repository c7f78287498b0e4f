/**
 * Who may import whom: the table of docs/architecture.md, one rule per sentence.
 * `tools/import-rules.test.ts` plants a breach of each and fails when a rule has none.
 */
const tests = '\\.test\\.tsx?$'
const modules = '^apps/server/src/modules/'
const schemas = '(^|node_modules/)zod(/|$)'

/** @type {(name: string, comment: string, from: object, to: object) => { name: string, comment: string, severity: string, from: object, to: object }} */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/**
 * `folder` imports nothing else of this repository; tests are free to.
 * @type {(name: string, folder: string, allowed: string[], comment: string) => ReturnType<typeof never>}
 */
const imports = (name, folder, allowed, comment) =>
  never(
    name,
    comment,
    { path: `^${folder}/`, pathNot: tests },
    { path: '^(apps|packages)/', pathNot: [`^${folder}/`, ...allowed] },
  )

/**
 * A bounded context calls only those upstream of it; everything else reaches it by events.
 * @type {(name: string, context: string, upstream: string[]) => ReturnType<typeof never>}
 */
const calls = (name, context, upstream) =>
  never(
    name,
    'identity ← projects ← evaluations ← collaboration; all may call audit; audit calls nobody.',
    { path: `${modules}${context}/`, pathNot: tests },
    { path: modules, pathNot: `${modules}(${[context, ...upstream].join('|')})/` },
  )

const forbidden = [
  imports(
    'contracts import nothing of ours',
    'packages/contracts',
    [],
    'They are the vocabulary: whoever imports them gets nothing else.',
  ),
  imports('the sandbox imports nothing of ours', 'packages/sandbox', [], 'It is useful without Crucible, and knows no tenant.'),
  imports(
    'the sdk imports contracts alone of ours',
    'packages/sdk',
    ['^packages/contracts/'],
    'A client knows the public API, not the server.',
  ),
  imports(
    'the executor imports the sandbox alone of ours',
    'apps/executor',
    ['^packages/sandbox/'],
    'It holds nothing worth stealing.',
  ),
  imports(
    'the server imports contracts and the sandbox specification alone of ours',
    'apps/server',
    ['^packages/(contracts|testkit)/', '^packages/sandbox/src/spec\\.ts$'],
    'Engines run in another process with other rights.',
  ),
  imports(
    'the web app imports the sdk and contracts alone of ours',
    'apps/web',
    ['^packages/(sdk|contracts)/'],
    'It is one more client.',
  ),
  imports(
    'the cli imports the sdk and contracts alone of ours',
    'apps/cli',
    ['^packages/(sdk|contracts)/'],
    'It is one more client.',
  ),

  never(
    'contracts and the sandbox import no package but the schema library',
    'Both are meant to be imported anywhere; each further package would come along.',
    { path: '^packages/(contracts|sandbox)/', pathNot: [tests, '/conformance/'] },
    { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional', 'npm-peer'], pathNot: schemas },
  ),
  never(
    'the sandbox specification imports the schema library alone',
    'The server imports it; an engine must not come in through it.',
    { path: '^packages/sandbox/src/spec\\.ts$' },
    { pathNot: schemas },
  ),
  never(
    'contracts and the sdk run in a browser',
    'A module of node would end up in the web app.',
    { path: '^packages/(contracts|sdk)/', pathNot: tests },
    { dependencyTypes: ['core'] },
  ),
  never(
    'an engine never imports another engine',
    'Each stands on its own promises; what two need is a file beside the engines.',
    { path: '^packages/sandbox/src/engines/([^/]+)/', pathNot: tests },
    { path: '^packages/sandbox/src/engines/[^/]+/', pathNot: '^packages/sandbox/src/engines/$1/' },
  ),

  calls('identity calls audit alone', 'identity', ['audit']),
  calls('projects call identity and audit alone', 'projects', ['identity', 'audit']),
  calls('evaluations call projects, identity and audit alone', 'evaluations', ['projects', 'identity', 'audit']),
  calls('collaboration calls nothing downstream', 'collaboration', ['evaluations', 'projects', 'identity', 'audit']),
  calls('notifications call identity and audit alone', 'notifications', ['identity', 'audit']),
  calls('audit calls no module', 'audit', []),
  never(
    'a module is entered through its index',
    'index.ts is the door; a second entrance would make every file of a module public.',
    { path: `${modules}([^/]+)/`, pathNot: tests },
    { path: `${modules}[^/]+/`, pathNot: [`${modules}$1/`, `${modules}[^/]+/index\\.ts$`] },
  ),
  never(
    'a role enters a module through its index',
    'Composition wires doors together, never the rooms behind them.',
    { path: '^apps/server/src/(?!modules/)', pathNot: [tests, '^apps/server/src/platform/'] },
    { path: `${modules}[^/]+/`, pathNot: `${modules}[^/]+/index\\.ts$` },
  ),
  never(
    'a module knows neither configuration nor roles',
    'What it needs arrives as arguments.',
    { path: modules, pathNot: tests },
    { path: '^apps/server/src/(config|settings?|main|roles)(/|\\.)' },
  ),
  never(
    'platform knows neither modules, roles nor configuration',
    'Techniques without product words.',
    { path: '^apps/server/src/platform/', pathNot: tests },
    { path: '^apps/server/src/(modules|config|settings?|main|roles)(/|\\.)' },
  ),

  never(
    'pg is imported only in platform/db',
    'db.tenant and db.system are the only ways to a connection.',
    { path: '^(apps|packages)/', pathNot: ['^apps/server/src/platform/db/', '^packages/testkit/', tests] },
    { path: '(^|node_modules/)pg(/|$)' },
  ),
  never(
    'a child process is started only by engines, attacks on them, the executor, role all, the embedded database and the cli',
    'Each place that can start a program is a place to audit.',
    {
      path: '^(apps|packages)/',
      pathNot: [
        '^packages/sandbox/src/(engines|bundle|conformance|attacks)/',
        '^packages/testkit/',
        '^apps/executor/src/',
        '^apps/cli/bin/', // hands over to the newer Node
        '^apps/cli/src/attack/', // a process that holds what an executor holds
        '^apps/server/src/roles/all/',
        '^apps/server/src/platform/db/embedded',
        tests,
      ],
    },
    { path: '^(node:)?child_process$' },
  ),
  never(
    'a web feature never imports another feature',
    'What two features need belongs to ui/ or api/.',
    { path: '^apps/web/src/features/([^/]+)/' },
    { path: '^apps/web/src/features/[^/]+/', pathNot: '^apps/web/src/features/$1/' },
  ),
  never(
    'production code never imports the testkit or a test',
    'What only tests need must not be able to run for users.',
    { path: '^(apps|packages)/', pathNot: [tests, '^packages/testkit/'] },
    { path: ['^packages/testkit/', tests] },
  ),
  never(
    'set-up imports node alone',
    'It runs on Node 20 before anything is installed.',
    { path: '^tools/(platform|start|test|check|bench|count-tests)\\.mjs$|^tools/setup/', pathNot: tests },
    { pathNot: '^tools/(setup|check)/', dependencyTypesNot: ['core'] },
  ),
  never('there are no cycles', 'Two files that need each other are one file, or three.', {}, { circular: true }),
  never(
    'every import resolves',
    'An import that this check cannot follow is one that it cannot judge.',
    {},
    { couldNotResolve: true },
  ),
  never(
    'a package declares what it imports',
    'A package that only happens to be installed is gone with the next install.',
    { path: '^(apps|packages)/', pathNot: [tests, '\\.config\\.ts$', '/conformance/', '^packages/testkit/'] },
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  never(
    'nothing is called utils, helpers, common, shared, misc or lib',
    'A name that says nothing attracts everything.',
    {},
    { path: '/(utils?|helpers?|common|shared|misc|lib)[/.]', pathNot: 'node_modules' },
  ),
]

export default {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^apps/[^/]+/node_modules/' },
    tsPreCompilationDeps: true, // a type import is an import: it decides who knows whom
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'browser', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
