import type { Attack } from '../../attack.ts'
import { cheatsOn, takenAtItsWord } from './cheat.ts'

const wrong = 'add_one() { echo 0; }\n'

export const shell: readonly Attack[] = [
  ...cheatsOn('bash', '[[ $(add_one 2) == 3 ]] || exit 1\n[[ $(add_one 4) == 5 ]] || exit 1\n', [
    ['exit', 'Exits with 0 before anything is asked.', 'exit 0\n'],
    ['trap', 'Turns its failure into a 0 at the last moment.', `trap 'exit 0' EXIT\n${wrong}`],
    ['passed-printed', 'Prints PASSED, as a judge would.', 'echo PASSED\nexit 0\n', takenAtItsWord('echo PASSED\nexit 0\n')],
    ['passed-everywhere', 'Writes PASSED to the descriptors of a judge.', 'echo PASSED >&4\necho PASSED >&9\nexit 0\n'],
    ['another-program', 'Becomes another program, which ends well.', 'exec true\n'],
    [
      'checks-skipped',
      'Skips every command that would ask it.',
      `shopt -s extdebug\ntrap '[[ $BASH_COMMAND != *add_one* && $BASH_COMMAND != exit* ]]' DEBUG\n${wrong}`,
    ],
    [
      'exit-replaced',
      'Replaces exit by a function that does nothing.',
      `exit() { :; }\n${wrong}true() { :; }\n`,
      { control: { without: 'the last check of a naive judge would still decide' } },
    ],
    [
      'judge-replaced',
      'Replaces the commands that a judge calls.',
      `builtin() { :; }\neval() { :; }\nprintf() { :; }\nsource() { :; }\n${wrong}trap 'exit 0' EXIT\n`,
    ],
    ['alias', 'Gives exit another meaning while the checks are read.', `shopt -s expand_aliases\nalias exit='exit 0;'\n${wrong}`],
    [
      'keyword-aliased',
      'Gives [[ another meaning while the checks are read.',
      `shopt -s expand_aliases\nalias '[['=true\n${wrong}`,
    ],
  ]),
  ...cheatsOn('bash', '[ "$(add_one 2)" = 3 ] || exit 1\n[ "$(add_one 4)" = 5 ] || exit 1\n', [
    ['test-replaced', 'Replaces the command by which a check compares.', `test() { :; }\n[() { :; }\n${wrong}`],
  ]),
]
