import type { Attack } from '../../attack.ts'
import { cheatsOn, takenAtItsWord } from './cheat.ts'

const hidden =
  "const check = () => {\n  if (addOne(2) !== 3) throw new Error('no')\n  if (addOne(4) !== 5) throw new Error('no')\n}\ncheck() /* all */\n"
const wrong = 'const addOne = (x) => x\n'
const harmless = {
  control: { without: 'a failed console.assert ends no program by itself, so that there is nothing to get round' },
} as const

export const javascript: readonly Attack[] = [
  ...cheatsOn('javascript', hidden, [
    ['exit', 'Exits with 0 before anything is asked.', 'process.exit(0)\n'],
    ['exit-when-asked', 'Exits with 0 where it should answer.', 'const addOne = () => process.exit(0)\n'],
    ['hard-exit-when-asked', 'Exits with 0 past every listener.', 'const addOne = () => process.reallyExit(0)\n'],
    [
      'exit-at-exit',
      'Turns its failure into a 0 at the last moment.',
      `process.on('exit', () => process.reallyExit(0))\n${wrong}`,
    ],
    [
      'exit-code-at-exit',
      'Sets the exit code back to 0 at the last moment.',
      `process.on('exit', () => { process.exitCode = 0 })\n${wrong}`,
    ],
    ['errors-swallowed', 'Listens for its own errors and shrugs.', `process.on('uncaughtException', () => {})\n${wrong}`],
    [
      'errors-captured',
      'Captures its own errors before anybody can.',
      `process.setUncaughtExceptionCaptureCallback(() => process.exit(0))\n${wrong}`,
    ],
    ['open-comment', 'Leaves a comment open that swallows what follows.', 'const addOne = (x) => x /*\n'],
    [
      'passed-printed',
      'Prints PASSED, as a judge would.',
      "console.log('PASSED')\nprocess.exit(0)\n",
      takenAtItsWord("console.log('PASSED')\nprocess.exit(0)\n"),
    ],
    [
      'output-closed',
      'Closes its standard streams, so that nobody hears of its failure.',
      "const fs = require('fs')\nfs.closeSync(1)\nfs.closeSync(2)\nconst addOne = () => process.reallyExit(0)\n",
    ],
    [
      'natural-end-emitted',
      'Says itself that nothing is left to do.',
      "const addOne = () => { process.emit('beforeExit', 0); process.exit(0) }\n",
    ],
    [
      'natural-end-from-a-timer',
      'Says from a timer that nothing is left to do.',
      "setTimeout(() => { process.emit('beforeExit', 0); process.exit(0) }, 5)\nprocess.on('uncaughtException', () => {})\nsetTimeout(() => {}, 100)\nconst addOne = (x) => x\n",
    ],
    [
      'asked-in-a-twin',
      'Becomes another process of itself, which ends well.',
      "require('child_process').spawnSync(process.execPath, ['-e', '0'])\nconst addOne = () => process.exit(0)\n",
    ],
    [
      'throwing-replaced',
      'Makes the constructor of errors end the program.',
      `globalThis.Error = class { constructor() { process.exit(0) } }\n${wrong}`,
    ],
  ]),
  ...cheatsOn('javascript', 'const check = () => {\n  console.assert(addOne(2) === 3)\n}\ncheck()\n', [
    ['console-assert-replaced', 'Replaces console.assert.', `console.assert = () => {}\n${wrong}`, harmless],
    ['console-replaced', 'Has a console of its own.', `const console = { assert() {} }\n${wrong}`, harmless],
  ]),
  ...cheatsOn('javascript', "const assert = require('node:assert')\nassert.strictEqual(addOne(2), 3)\n", [
    [
      'assert-replaced',
      'Replaces the functions of the module by which the hidden program asserts.',
      `const module_ = require('assert')\nfor (const name of Object.keys(module_)) module_[name] = () => {}\n${wrong}`,
    ],
  ]),
  ...cheatsOn('javascript', "if (JSON.stringify([addOne(2)]) !== JSON.stringify([3])) throw new Error('no')\n", [
    ['json-replaced', 'Replaces JSON.stringify, so that all values look alike.', `JSON.stringify = () => ''\n${wrong}`],
    ['json-shadowed', 'Puts a JSON of its own in front of the real one.', `globalThis.JSON = { stringify: () => '' }\n${wrong}`],
  ]),
  ...cheatsOn('javascript', "if (Math.abs(addOne(2) - 3) > 1e-9) throw new Error('no')\n", [
    ['math-replaced', 'Replaces Math.abs, so that no value is too far away.', `Math.abs = () => 0\n${wrong}`],
  ]),
  ...cheatsOn(
    'typescript',
    "const check = (f: (x: number) => number): void => {\n  if (f(2) !== 3) throw new Error('no')\n}\ncheck(addOne)\n",
    [['exit-when-asked', 'Exits with 0 where it should answer.', 'const addOne = (x: number): number => process.exit(0)\n']],
  ),
]
