import type { Case } from '../case.ts'

export const neighbours: readonly Case[] = [
  {
    name: 'the same port can be used in two runs at once',
    source:
      'import socket, time\ns = socket.socket()\ns.bind(("127.0.0.1", 8080))\ns.listen()\ntime.sleep(1)\nc = socket.create_connection(("127.0.0.1", 8080), 2)\nprint("served")\n',
    atOnce: 2,
    needs: 'isolation',
    expect: { exitCode: 0, stdout: 'served\n' },
  },
  {
    name: 'the same names in /tmp, /dev/shm and abstract sockets do not meet',
    source:
      'import os, socket, time\nfor path in ("/tmp/name", "/dev/shm/name"):\n    os.close(os.open(path, os.O_CREAT | os.O_EXCL))\ns = socket.socket(socket.AF_UNIX)\ns.bind("\\0name")\ntime.sleep(0.5)\nprint("alone")\n',
    atOnce: 2,
    needs: 'isolation',
    expect: { exitCode: 0, stdout: 'alone\n' },
  },
  {
    name: 'a run sees no process but its own',
    source: 'import os, time\ntime.sleep(0.3)\nprint(len([p for p in os.listdir("/proc") if p.isdigit()]) <= 3)\n',
    atOnce: 2,
    needs: 'isolation',
    expect: { stdout: 'True\n' },
  },
  {
    name: 'a signal to everybody stays inside',
    source:
      'import os, signal, time\ntime.sleep(0.2)\ntry: os.kill(-1, signal.SIGTERM)\nexcept OSError: pass\nprint("still here")\n',
    atOnce: 2,
    needs: 'isolation',
    expect: { reason: 'exited', stdoutHas: 'still here' },
  },
]
