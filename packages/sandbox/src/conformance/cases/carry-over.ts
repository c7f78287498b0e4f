import type { Case } from '../case.ts'

const leave =
  'import os\nfor d in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", "/run"):\n    try: open(d + "/mark", "w").write("x")\n    except OSError: pass\n'
const look =
  'import os\nprint([d for d in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", "/run") if os.path.exists(d + "/mark")])\n'
const daemon =
  'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        for fd in range(3): os.close(fd)\n        while True: time.sleep(0.05)\n    os._exit(0)\nos.wait()\nprint("started")\n'
const others =
  'import os\nprint(len([p for p in os.listdir("/proc") if p.isdigit() and p != "1" and b"main.py" in open(f"/proc/{p}/cmdline", "rb").read()]))\n'

export const carryOver: readonly Case[] = [
  {
    name: 'files of a run are gone in the next run',
    source: look,
    before: { source: leave, where: 'same' },
    needs: 'isolation',
    expect: { stdout: '[]\n' },
  },
  {
    name: 'files of a job are gone in the next job',
    source: look,
    before: { source: leave, where: 'other' },
    needs: 'isolation',
    expect: { stdout: '[]\n' },
  },
  {
    name: 'the work directory of a job is its own',
    source: 'import os\nprint(os.listdir("."))\n',
    before: { source: 'open("mark", "w").close()\n', where: 'other' },
    expect: { stdout: "['main.py']\n" },
  },
  {
    name: 'what a run left in the work directory is there in the next run',
    source: 'print(open("mark").read())\n',
    before: { source: 'open("mark", "w").write("kept")\n', where: 'same' },
    expect: { stdout: 'kept\n' },
  },
  {
    name: 'a daemon does not outlive its run',
    source: others,
    before: { source: daemon, where: 'same' },
    needs: 'isolation',
    expect: { stdout: '1\n' },
  },
  {
    name: 'the end of the program is the end of the run, whatever it left running',
    source: daemon,
    limits: { wallMs: 15_000 },
    expect: { reason: 'exited', exitCode: 0, stdout: 'started\n', wallMsMax: 10_000 },
  },
  {
    name: 'children that hold the output open do not hold the run',
    source: 'import os, time\nif os.fork() == 0:\n    time.sleep(60)\nprint("parent")\n',
    expect: { reason: 'exited', stdoutHas: 'parent', wallMsMax: 10_000 },
  },
  {
    name: 'shared memory and message queues are gone in the next run',
    source: 'import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint(libc.shmget(4711, 4096, 0o600) >= 0)\n',
    before: { source: 'import ctypes\nctypes.CDLL(None).shmget(4711, 4096, 0o1600)\n', where: 'other' },
    needs: 'isolation',
    expect: { stdout: 'False\n' },
  },
]
