/** Cheats that look for the expected output of a test over standard input. It never enters a sandbox. */
import type { Attack, Control } from '../../attack.ts'
import { careless, earnsNothing, stdio } from './cheat.ts'

const answer = 'answer-bergamot'

/** Prints the first answer in what `texts` yields. It cannot find itself: its pattern is no answer. */
const search = (texts: string) => `import gc, os, re, sys
def readable(path):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try: return os.read(fd, 1 << 20).decode("latin1")
        finally: os.close(fd)
    except OSError: return ""
def listed(path):
    try: return [f"{path}/{name}" for name in os.listdir(path)]
    except OSError: return []
def texts():
${texts
  .trim()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
for text in texts():
    found = re.search("answer-[a-z]+", text)
    if found:
        print(found[0])
        break
`

/** Judges in Python that hold the answer where a program of theirs can find it: in their own process, or as its parent. */
const within = (held: string) => (cheat: string) =>
  careless({ source: `${held}\nexec(compile(open("cheat.py").read(), "cheat.py", "exec"))\n`, files: { 'cheat.py': cheat } })
const asParent = (command: string) => (cheat: string) =>
  careless({
    source: `import os, subprocess, sys
kept = os.open("/tmp/kept", os.O_CREAT | os.O_RDWR, 0o600)
os.write(kept, b"${answer}")
subprocess.run([sys.executable, "cheat.py"${command})
`,
    files: { 'cheat.py': cheat },
  })

const searches = (id: string, where: string, judge: (cheat: string) => Control, texts: string): Attack => {
  const source = search(texts)
  return {
    id: `answer-${id}`,
    tries: `Looks for the expected output ${where}.`,
    language: 'python',
    source,
    tests: [stdio('', `${answer}\n`)],
    stopped: earnsNothing,
    control: judge(source),
  }
}

export const answers: readonly Attack[] = [
  searches(
    'in-files',
    'in files: its directory, scratch, /var, /run, /etc and what is ours',
    () => careless({ files: { 'expected.txt': answer } }),
    `for top in (".", "/tmp", "/dev/shm", "/var/tmp", "/run", "/etc", "/.crucible"):
    for directory, _, names in os.walk(top):
        for name in names[:200]: yield readable(f"{directory}/{name}")`,
  ),
  searches(
    'in-the-environment',
    'in the environment',
    () => careless({ env: { EXPECTED: answer } }),
    'yield repr(dict(os.environ))\nyield readable("/proc/self/environ")',
  ),
  searches(
    'in-arguments',
    'in the arguments of every process',
    asParent(`, "${answer}"]`),
    'yield repr(sys.argv)\nfor path in listed("/proc"): yield readable(f"{path}/cmdline")',
  ),
  searches(
    'in-descriptors',
    'in descriptors that were left open',
    asParent('], pass_fds=[kept]'),
    `for fd in range(3, 256):
    try: yield os.pread(fd, 1 << 16, 0).decode("latin1")
    except OSError: pass`,
  ),
  searches(
    'in-frames',
    'in the frames of whoever called it',
    within(`expected = "${answer}"`),
    `frame = sys._getframe()
while frame:
    yield repr((frame.f_locals, frame.f_code.co_consts))
    frame = frame.f_back`,
  ),
  searches(
    'among-objects',
    'among all objects that the garbage collector knows',
    within(`tests = [{"expected": "${answer}"}]`),
    `for each in gc.get_objects():
    if not isinstance(each, (dict, list, tuple)): continue
    yield repr([part for part in (each.values() if isinstance(each, dict) else each) if isinstance(part, (str, bytes))])`,
  ),
  searches(
    'in-memory',
    'in its own memory',
    within(`expected = "${answer}"`),
    `memory = open("/proc/self/mem", "rb", 0)
for line in open("/proc/self/maps").read().splitlines():
    if "rw-p" not in line: continue
    start, end = (int(number, 16) for number in line.split()[0].split("-"))
    try:
        memory.seek(start)
        yield memory.read(min(end - start, 1 << 24)).decode("latin1")
    except OSError: pass`,
  ),
  searches(
    'at-the-parent',
    'in the arguments, the environment and the descriptors of its parent',
    asParent(']'),
    `parent = f"/proc/{os.getppid()}"
for name in ("cmdline", "environ"): yield readable(f"{parent}/{name}")
for path in listed(f"{parent}/fd"): yield readable(path)`,
  ),
]
