import { scriptedRuntime } from '@crucible/testkit'
import { expect, test } from 'vitest'
import { chooseRuntime } from './runtime-choice.ts'

const runtimes = [
  scriptedRuntime('python', '3.9', 'main.py', ['py', 'python3']),
  scriptedRuntime('python', '3.11', 'main.py', ['py', 'python3']),
  scriptedRuntime('javascript', '20.19', 'main.js', ['js', 'node']),
]

test.each([
  ['python', 'python@3.11'],
  ['PY', 'python@3.11'],
  ['python@3', 'python@3.11'],
  ['python@3.9', 'python@3.9'],
  ['js@20', 'javascript@20.19'],
])('%s means %s', (asked, name) => {
  expect(chooseRuntime(runtimes, asked)).toMatchObject({ isKnown: true, runtime: { name } })
})

test.each([
  ['pyhton', 'python@3.9'],
  ['python@2', 'python@3.9'],
  ['javascrip', 'javascript@20.19'],
  ['python@3.1', 'python@3.9'], // 3.1 is not a prefix of 3.11 in versions
  ['', null],
  ['cobol', null],
])('%s is unknown, and the nearest is %s', (asked, nearest) => {
  expect(chooseRuntime(runtimes, asked)).toEqual({ isKnown: false, nearest })
})
