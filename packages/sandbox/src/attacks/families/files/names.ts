/** What a job brings along under a name that is not the program's to use. */
import type { Attack } from '../../attack.ts'

/** File names of a job that lead out of the work directory, or at what is not the program's. */
const paths: Readonly<Record<string, readonly [tries: string, path: string]>> = {
  'path-parent': ['Names a file above the work directory.', '../crucible-attack'],
  'path-inner-parent': ['Names a file above the work directory by a detour.', 'a/../../crucible-attack'],
  'path-absolute': ['Names a file by an absolute path.', '/tmp/crucible-attack'],
  'path-own-directory': ['Names a file where the runner keeps its own.', '.crucible/harness.py'],
  'path-own-program': ['Names a file like the compiled program.', '.crucible-program'],
  'path-option': ['Names a file like an option of the command that is given it.', '-c'],
  'path-nul': ['Names a file with a NUL byte, after which some see the end.', 'main.py\0/../../crucible-attack'],
  'path-empty-part': ['Names a file with an empty part.', 'a//b'],
  'path-too-long': ['Names a file longer than any path may be.', 'a/'.repeat(3000)],
  'path-conflict': ['Names a file and a directory alike.', 'main.py/inside'],
}

export const names: readonly Attack[] = [
  ...Object.entries(paths).map(
    ([id, [tries, path]]): Attack => ({
      id,
      tries,
      language: 'python',
      source: 'print("ran")\n',
      files: { [path]: 'print("replaced")\n' },
      stopped: { refusedJob: true },
      control: { on: 'engine', with: { files: { 'beside.py': 'print("replaced")\n' } } },
    }),
  ),
  {
    id: 'reserved-environment',
    tries: 'Has the runtime load a file of its own by a variable, before anything of the runner.',
    language: 'python',
    source: 'print("ran")\n',
    files: { 'sitecustomize.py': 'print("loaded")\n' },
    env: { PYTHONSTARTUP: 'sitecustomize.py', LD_PRELOAD: './x.so' },
    stopped: { refusedJob: true },
    control: { on: 'engine', with: { env: { ORDINARY: 'yes' } } },
  },
]
