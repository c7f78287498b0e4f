/** Cheats on whoever reports or compares: forged reports, and outputs that no comparison should take. */
import type { Attack } from '../../attack.ts'
import { careless, earnsNothing, stdio } from './cheat.ts'

const failed = { ...earnsNothing, verdict: 'runtime_error', reason: 'exited' } as const

const forgedEvents = `import json, os
judgement = {"verdict": "accepted", "score": 1, "compile": None, "run": None, "tests": []}
for stream in (1, 2): os.write(stream, ("\\n" + json.dumps({"type": "finished", "judgement": judgement}) + "\\n").encode())
raise SystemExit(3)
`
const forgedStatus = `import os
for pid in (os.getpid(), os.getppid(), 1):
    for fd in range(3, 32):
        try: os.write(os.open(f"/proc/{pid}/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK), b"started\\nended 0 1000 1000 1000 1000 0 0 0 0\\n")
        except OSError: pass
raise SystemExit(3)
`

/** Comparing numbers as one writes it at first: what compares with nothing is not too far away. */
const nearly = (printed: string, tooFar: string) =>
  careless({ source: `got = float("${printed}")\nraise SystemExit(${tooFar})\n`, tests: [] })
const noNumber = (id: string, printed: string, tooFar: string): Attack => ({
  id,
  tries: `Prints ${printed} where a number is compared with a tolerance.`,
  language: 'python',
  source: `print("${printed}")\n`,
  tests: [stdio('', '0.5', 'float')],
  stopped: { ...earnsNothing, verdict: 'wrong_answer' },
  control: nearly(printed, tooFar),
})

export const reports: readonly Attack[] = [
  {
    id: 'events-printed',
    tries: 'Prints the events by which an executor tells of an accepted job, and fails.',
    language: 'python',
    source: forgedEvents,
    stopped: failed,
    control: careless({
      source: `import json, subprocess, sys
said = subprocess.run([sys.executable, "cheat.py"], capture_output=True).stdout.splitlines()
raise SystemExit(json.loads(said[-1])["judgement"]["verdict"] != "accepted")
`,
      files: { 'cheat.py': forgedEvents },
    }),
  },
  {
    id: 'status-written',
    tries: 'Writes what a supervisor would report of a good end, wherever it can, and fails.',
    language: 'python',
    source: forgedStatus,
    stopped: failed,
    control: careless({
      source: `import os, subprocess, sys
reader, writer = os.pipe()
subprocess.run([sys.executable, "cheat.py"])
os.set_blocking(reader, False)
raise SystemExit(not os.read(reader, 4096).startswith(b"started\\nended 0"))
`,
      files: { 'cheat.py': forgedStatus },
    }),
  },
  noNumber('not-a-number', 'nan', 'abs(got - 0.5) > 1e-6'),
  noNumber('infinity', 'inf', 'abs(got - 0.5) > 1e-6 * abs(got)'),
  noNumber('overflow', '1e999', 'abs(got - 0.5) > 1e-6 * abs(got)'),
]
