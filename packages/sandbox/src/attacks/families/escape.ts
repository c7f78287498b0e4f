import type { Attack } from '../attack.ts'
import { denied, python } from '../programs.ts'

export const escapeAttacks: readonly Attack[] = [
  {
    id: 'decoy-file',
    tries: 'Reads and changes a file of the host that everybody may read and write, if only they can see it.',
    language: 'python',
    source: python('quietly(lambda: print(open("@FILE@").read()))\nquietly(lambda: open("@FILE@", "a").write("changed"))'),
    decoys: ['file'],
    stopped: { says: { tried: ['yes'] } },
    control: { on: 'process' },
  },
  {
    id: 'ptrace-host-process',
    tries: 'Attaches to a process of the host.',
    language: 'python',
    source: python('for pid in (@PIDS@,): attempt("attach", lambda: call(101, 117, 16, pid, 0, 0))'),
    decoys: ['process'],
    surface: 'host-kernel',
    stopped: { says: { attach: [...denied, 'ESRCH'], tried: ['yes'] } },
    control: { on: 'process' },
  },
]
