import { expect, test } from 'vitest'
import { bounds } from './bounds.ts'
import { submitEvaluation } from './submission.ts'

const parse = (body: object) => submitEvaluation.safeParse({ language: 'python', code: 'print(1)', ...body })
const pointers = (body: object) => (parse(body).error?.issues ?? []).map((issue) => issue.path.join('/'))

test('the smallest submission is a language and a program', () => {
  expect(parse({}).success).toBe(true)
})

test('every path that could leave the work directory is refused', () => {
  const wrong = [
    '../a',
    'a/../b',
    '/etc/passwd',
    '-rf',
    '@options.c',
    'a//b',
    './a',
    'a/.',
    '',
    'a\0b',
    'a\\b',
    'a\nb',
    'x'.repeat(256),
    '\ud800',
    '.crucible/x',
    '.crucible-report',
  ]
  for (const path of wrong)
    expect(pointers({ code: undefined, files: [{ path, content: '' }] }), JSON.stringify(path)).toContain('files/0/path')
  for (const path of ['main.py', 'a/b/c.txt', '..a', 'ü.py', 'a b', '.hidden'])
    expect(parse({ code: undefined, files: [{ path, content: '' }] }).success, path).toBe(true)
})

test('a path given twice, or as file and folder, is refused', () => {
  const files = (...paths: string[]) => ({ code: undefined, files: paths.map((path) => ({ path, content: '' })) })
  expect(pointers(files('a', 'a'))).toEqual(['files/1/path'])
  expect(pointers(files('a', 'a/b'))).toEqual(['files/1/path'])
  expect(pointers(files('a/b', 'a'))).toEqual(['files/1/path'])
})

test('each fault is pointed at, not only the first', () => {
  expect(pointers({ surprise: 1, limits: { wallMs: -1, cpuMs: Number.NaN }, args: ['a\0'] }).sort()).toEqual([
    '',
    'args/0',
    'limits/cpuMs',
    'limits/wallMs',
  ])
})

test('a missing program is told together with a missing language', () => {
  const issues = submitEvaluation.safeParse({}).error?.issues ?? []
  expect(issues.map((issue) => issue.path.join('/')).sort()).toEqual(['code', 'language'])
  expect(pointers({ files: [{ path: 'a', content: '' }] })).toEqual(['code'])
})

test('source is bounded in bytes over all files, and text that UTF-8 would change is refused', () => {
  expect(pointers({ code: 'é'.repeat(bounds.sourceBytes / 2 + 1) })).toEqual(['code'])
  expect(pointers({ code: '\udc00' })).toEqual(['code'])
  expect(parse({ code: 'NUL \0, RTL \u202e and ESC \u001b are only characters' }).success).toBe(true)
})

test('the environment that every run shares cannot be changed', () => {
  for (const name of ['PATH', 'LD_PRELOAD', 'PYTHONPATH', 'NODE_OPTIONS', 'TZ', 'CRUCIBLE_X', 'lower', 'A=B'])
    expect(parse({ env: { [name]: 'x' } }).success, name).toBe(false)
  expect(parse({ env: { ANSWER: '42' } }).success).toBe(true)
})
