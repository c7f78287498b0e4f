import { expect, test } from 'vitest'
import type { Job, SourceFile } from '../spec.ts'
import { checkArguments, placeFiles } from './job-files.ts'

const file = (path: string, content = '', encoding: SourceFile['encoding'] = 'utf8') => ({ path, content, encoding })
const jobWith = (given: Partial<Job>): Job => {
  const limits = { wallMs: 1, cpuMs: 1, memoryBytes: 1, processes: 1, outputBytes: 1, diskBytes: 1 }
  const base = {
    attemptId: 'a',
    language: 'python',
    version: null,
    files: [file('main.py')],
    entry: 'main.py',
    args: [],
    env: {},
  }
  return { ...base, stdin: '', limits, compileLimits: limits, tests: [], stopAtFirstFailure: false, ...given }
}

test.for([
  '../x',
  '/etc/passwd',
  'a/../../x',
  'a//b',
  './x',
  'a/.',
  '',
  'a\0b',
  '-rf',
  '@options.c',
  '.crucible/harness.py',
  '.crucible-program',
  'lone\ud800',
  'x'.repeat(600),
])('the path %j is refused', (path) => {
  expect(() => placeFiles(jobWith({ files: [file('main.py'), file(path)] }))).toThrow(
    expect.objectContaining({ name: 'JobFault', code: 'invalid_job' }),
  )
})

test('files that contradict each other are refused', () => {
  expect(() => placeFiles(jobWith({ files: [file('main.py'), file('main.py')] }))).toThrow('twice')
  expect(() => placeFiles(jobWith({ files: [file('main.py'), file('a'), file('a/b')] }))).toThrow('both a file and a directory')
  expect(() => placeFiles(jobWith({ entry: 'other.py' }))).toThrow('none of the files')
})

test('contents arrive byte for byte, or not at all', () => {
  const [text, bytes] = placeFiles(jobWith({ files: [file('main.py', 'é\0\r\u202e'), file('b', '/wA=', 'base64')] }))
  expect(text?.content).toEqual(Buffer.from('é\0\r\u202e'))
  expect(bytes?.content).toEqual(Buffer.from([0xff, 0x00]))
  expect(() => placeFiles(jobWith({ files: [file('main.py', '\ud800')] }))).toThrow('Unicode')
  expect(() => placeFiles(jobWith({ files: [file('main.py', '%%%%', 'base64')] }))).toThrow('base64')
})

test.for(['LD_PRELOAD', 'NODE_OPTIONS', 'PYTHONSTARTUP', 'JAVA_TOOL_OPTIONS', 'BASH_ENV', 'ENV', 'A B', '1A', 'A=B'])(
  'the variable %s is refused',
  (name) => {
    expect(() => checkArguments(jobWith({ env: { [name]: 'x' } }))).toThrow(expect.objectContaining({ code: 'invalid_job' }))
  },
)

test('words with a NUL byte are refused, since no process could be given them', () => {
  expect(() => checkArguments(jobWith({ args: ['a\0b'] }))).toThrow()
  expect(() => checkArguments(jobWith({ env: { A: 'a\0b' } }))).toThrow()
  expect(() => checkArguments(jobWith({ args: ['', '-x', '日本'], env: { GREETING: 'a b' } }))).not.toThrow()
})
