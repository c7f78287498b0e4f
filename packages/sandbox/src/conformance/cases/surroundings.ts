import type { Case } from '../case.ts'

export const surroundings: readonly Case[] = [
  {
    name: 'the program starts in its work directory',
    source: 'import os\nprint(os.getcwd())\n',
    needs: 'isolation',
    expect: { stdout: '/work\n' },
  },
  {
    name: 'files arrive with their bytes, in their directories',
    source: 'print(open("a/b/é.txt", "rb").read(), open("x").read())\n',
    files: { 'a/b/é.txt': Uint8Array.of(0, 255, 13, 10), x: 'y' },
    expect: { stdout: "b'\\x00\\xff\\r\\n' y\n" },
  },
  {
    name: 'the program may write beside its files',
    source: 'open("out", "w").write("1")\nimport os\nos.mkdir("d")\nprint(sorted(os.listdir(".")))\n',
    expect: { stdout: "['d', 'main.py', 'out']\n" },
  },
  {
    name: 'after sealing it may not, nor change what is there',
    source:
      'import os\nfor act in (lambda: open("out", "w"), lambda: open("main.py", "a"), lambda: os.unlink("main.py"), lambda: os.rename("main.py", "x"), lambda: os.chmod("main.py", 0o777)):\n    try:\n        act()\n        print("done")\n    except OSError:\n        pass\n',
    sealed: true,
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'time zone, language and hash seed are the same everywhere',
    source:
      'import time, os, locale, sys\nprint(time.tzname[0], time.localtime(0).tm_hour, sys.stdout.encoding, hash("crucible") == hash("crucible"), os.environ["LANG"], os.environ["PYTHONHASHSEED"])\n',
    expect: { stdout: 'UTC 0 utf-8 True C.UTF-8 0\n' },
  },
  {
    name: 'nothing of the host’s environment is seen',
    source: 'import os\nprint(sorted(os.environ))\n',
    expect: { stdout: "['HOME', 'LANG', 'LC_ALL', 'PATH', 'PYTHONDONTWRITEBYTECODE', 'PYTHONHASHSEED', 'TMPDIR', 'TZ']\n" },
  },
  {
    name: 'no other process shows an environment, or how the sandbox was started',
    source:
      'import os\nown = {str(os.getpid()), str(os.getppid())}\nfor p in filter(str.isdigit, os.listdir("/proc")):\n    for name in ("environ", "cmdline"):\n        try: text = open(f"/proc/{p}/{name}", "rb").read()\n        except OSError: continue\n        if p != str(os.getpid()) and (name == "environ" and text or b"main.ts" in text or b"bwrap" in text or b"uid" in text): print(p, name, text)\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'no descriptors but the three standard ones are inherited',
    source: 'import os\nprint([n for n in range(3, 1024) if os.path.exists(f"/proc/self/fd/{n}")])\n',
    expect: { stdout: '[]\n' },
  },
  {
    name: 'the program is not root',
    source: 'import os\nprint(0 in (os.getuid(), os.geteuid(), os.getgid()))\n',
    needs: 'isolation',
    expect: { stdout: 'False\n' },
  },
  {
    name: 'it has no capabilities and can gain none',
    source:
      'import ctypes\nstatus = dict(line.split(":", 1) for line in open("/proc/self/status"))\nprint([int(status.get(name, "0"), 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")], ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))\n',
    needs: 'isolation',
    expect: { stdout: '[0, 0, 0, 0] 1\n' },
  },
  {
    name: 'no core file is written',
    source: 'import resource\nprint(resource.getrlimit(resource.RLIMIT_CORE)[0])\n',
    expect: { stdout: '0\n' },
  },
  {
    name: 'the number of open files is limited',
    source:
      'import os\ntry:\n    for _ in range(100_000): os.open("/dev/null", os.O_RDONLY)\n    print("all")\nexcept OSError: print("refused")\n',
    expect: { stdout: 'refused\n' },
  },
  {
    name: 'the host’s files are not there, or cannot be read',
    source:
      'for path in ("/etc/shadow", "/root/.ssh/id_rsa", "/proc/kcore", "/proc/kmsg", "/var/log", "/home", "/sys/kernel", "/boot"):\n    try:\n        import os\n        found = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)\n        if found: print(path)\n    except OSError: pass\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'nothing outside the work directory, /tmp and /dev/shm can be written',
    source:
      'import os\nfor d, dirs, _ in os.walk("/"):\n    if d in ("/proc", "/sys") or d.startswith(("/work", "/tmp", "/dev/shm", "/proc/", "/sys/")): dirs.clear(); continue\n    try:\n        open(d + "/mark", "w").close()\n        print(d)\n    except OSError: pass\n    if d.count("/") > 4: dirs.clear()\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'kernel settings cannot be written',
    source:
      'for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/kernel/hostname", "/sys/power/state"):\n    try:\n        f = open(path, "w")\n        f.write("x")\n        f.flush()\n        print(path)\n    except OSError: pass\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'a program cannot have others killed for memory in its place',
    source:
      'try:\n    f = open("/proc/self/oom_score_adj", "w")\n    f.write("-1000")\n    f.flush()\n    print("done")\nexcept OSError: pass\n',
    needs: 'shared-kernel',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'the host’s name is not told',
    source: 'import socket\nprint(socket.gethostname())\n',
    needs: 'isolation',
    expect: { stdout: 'crucible\n' },
  },
]
