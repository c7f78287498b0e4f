import type { Example } from './example.ts'

export const python: readonly Example[] = [
  { title: 'Hello', shows: 'One line and exit code 0.', code: 'print("Hello from a sandbox that is about to disappear.")\n' },
  {
    title: 'Tries to get out',
    shows: 'Eight ways out of a sandbox, and what stands in each.',
    code: `import os, socket, sys

def attempt(what, action):
    try:
        action()
        print(f"REACHED  {what}")
    except OSError as refused:
        print(f"blocked  {what}: {refused.strerror or refused}")

def connect(host, port):
    return lambda: socket.create_connection((host, port), 2)

me = f"user {os.getuid()}, process {os.getpid()}, host {os.uname().nodename}"
print(me, file=sys.stderr)
attempt("read the passwords", lambda: open("/etc/shadow"))
attempt("hook the kernel", lambda: open("/proc/sys/kernel/core_pattern", "w"))
attempt("replace a program", lambda: open("/usr/bin/python3", "ab"))
attempt("become root", lambda: os.setuid(0))
attempt("reach the internet", connect("192.0.2.1", 80))
attempt("reach this server", connect("127.0.0.1", 3000))
attempt("reach cloud metadata", connect("169.254.169.254", 80))
attempt("call the hypervisor", lambda: socket.socket(socket.AF_VSOCK))
`,
  },
  {
    title: 'Both streams, live',
    shows: 'Output arriving line by line, on both streams.',
    code: `import sys, time

for step in range(1, 9):
    print(f"step {step} of 8", flush=True)
    if step % 3 == 0:
        print(f"warning: {step} is divisible by three", file=sys.stderr, flush=True)
    time.sleep(0.4)
print("\\x1b[32mdone\\x1b[0m")
`,
  },
  {
    title: 'Reads its input',
    shows: 'The sum of the numbers on stdin.',
    stdin: '3\n4\n35\n',
    code: `import sys

numbers = [int(line) for line in sys.stdin if line.strip()]
print(sum(numbers))
`,
  },
  { title: 'Infinite loop', shows: 'Stopped by the time limit, or by you.', code: 'n = 0\nwhile True:\n    n += 1\n' },
  {
    title: 'Fork bomb',
    shows: 'Forking is refused at the process limit; nobody else notices.',
    code: `import os

children = 0
try:
    while True:
        if os.fork() == 0:
            while True:
                pass
        children += 1
except OSError as refused:
    print(f"after {children} forks: {refused}")
`,
  },
  {
    title: 'Memory bomb',
    shows: 'Stopped by the memory limit.',
    code: `hoard = []
while True:
    hoard.append(bytearray(16 * 1024 * 1024))
    print(f"{len(hoard) * 16} MiB", flush=True)
`,
  },
  {
    title: 'Network attempt',
    shows: 'There is no network to reach.',
    code: `import socket

for host, port in [("192.0.2.1", 80), ("127.0.0.1", 3000), ("169.254.169.254", 80)]:
    try:
        socket.create_connection((host, port), timeout=2)
        print(f"{host}:{port} REACHED")
    except OSError as refused:
        print(f"{host}:{port} {refused}")
`,
  },
]
