/** Doors of the kernel that stay shut. A program that is refused prints nothing; an engine may also kill it for asking. */
import type { Case } from '../case.ts'

const ask = (call: string) =>
  `import ctypes, os, platform, socket\nlibc = ctypes.CDLL(None, use_errno=True)\nx64 = platform.machine() == "x86_64"\ndef call(a, b, *rest):\n    return libc.syscall(ctypes.c_long(a if x64 else b), *[ctypes.c_char_p(r) if isinstance(r, bytes) else ctypes.c_long(r) for r in rest])\ntry:\n    if (${call}) != -1: print("allowed")\nexcept OSError: pass\n`

/** System call numbers on x86-64 and on arm64, then arguments that would work for a privileged program. */
const calls = {
  mount: 'call(165, 40, b"none", b"/tmp", b"tmpfs", 0, 0)',
  umount: 'call(166, 39, b"/proc", 2)',
  pivot_root: 'call(155, 41, b"/tmp", b"/tmp")',
  'open_tree of the root': 'call(428, 428, -100, b"/", 1)',
  fsopen: 'call(430, 430, b"tmpfs", 0)',
  chroot: 'call(161, 51, b"/tmp")',
  'ptrace of itself by its parent': 'call(101, 117, 0, 0, 0, 0)',
  process_vm_readv: 'call(310, 270, os.getppid(), 0, 0, 0, 0, 0)',
  'a new user namespace': 'call(272, 97, 0x10000000)',
  'a new network namespace': 'call(272, 97, 0x40000000)',
  setns: 'call(308, 268, os.open("/proc/self/ns/net", 0), 0)',
  keyctl: 'call(250, 219, 0, -3, 1)',
  add_key: 'call(248, 217, b"user", b"x", b"y", 1, -3)',
  bpf: 'call(321, 280, 0, ctypes.addressof(ctypes.create_string_buffer(128)), 128)',
  perf_event_open:
    'call(298, 241, ctypes.addressof(ctypes.create_string_buffer(b"\\1\\0\\0\\0\\x80" + bytes(123), 128)), 0, -1, -1, 0)',
  userfaultfd: 'call(323, 282, 1)',
  io_uring_setup: 'call(425, 425, 4, ctypes.addressof(ctypes.create_string_buffer(120)))',
  kexec_load: 'call(246, 104, 0, 0, 0, 0)',
  init_module: 'call(175, 105, b"", 0, b"")',
  open_by_handle_at:
    'call(304, 265, -100, ctypes.addressof(ctypes.create_string_buffer(b"\\x08\\0\\0\\0\\1\\0\\0\\0" + bytes(8))), 0)',
  'setting the clock': 'call(227, 112, 0, ctypes.addressof(ctypes.create_string_buffer(16)))',
  AF_VSOCK: 'call(41, 198, 40, 1, 0)',
  AF_PACKET: 'call(41, 198, 17, 3, 0)',
  AF_ALG: 'call(41, 198, 38, 5, 0)',
  AF_NETLINK: 'call(41, 198, 16, 3, 0)',
  'a raw socket': 'call(41, 198, 2, 3, 1)',
} as const

const deviceNode = 'call(133, -1, b"/tmp/node", 0o20666, 0x101) if x64 else call(-1, 33, -100, b"/tmp/node", 0o20666, 0x101)'

export const kernel: readonly Case[] = [
  {
    name: 'a device node is refused',
    source: ask(deviceNode),
    needs: 'shared-kernel',
    expect: { reason: ['exited', 'violation'], stdout: '', stderr: '' },
  },
  {
    name: 'a device node of one’s own leads to no memory, log or disk of the host',
    source:
      'import os, stat\nfor d in ("/tmp", "/dev/shm", "/work"):\n    for kind, major, minor in ((stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 1, 11), (stat.S_IFCHR, 10, 232), (stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0)):\n        path = f"{d}/{major}-{minor}"\n        try:\n            os.mknod(path, kind | 0o666, os.makedev(major, minor))\n            os.open(path, os.O_RDONLY)\n            print(path)\n        except OSError: pass\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  ...Object.entries(calls).map(
    ([name, call]): Case => ({
      name: `${name} is refused`,
      source: ask(call),
      needs: 'isolation',
      expect: { reason: ['exited', 'violation'], stdout: '', stderr: '' },
    }),
  ),
  {
    name: 'no network beyond the run itself',
    source:
      'import socket\nfor host, port in (("1.1.1.1", 53), ("169.254.169.254", 80), ("10.0.0.1", 80)):\n    try:\n        socket.create_connection((host, port), 1)\n        print("reached", host)\n    except OSError: pass\ntry:\n    socket.getaddrinfo("example.com", 80)\n    print("resolved")\nexcept OSError: pass\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
  {
    name: 'services of the host on loopback are not reached',
    source:
      'import socket\nfor port in (22, 80, 443, 3000, 5432, 6379, 8080):\n    try:\n        socket.create_connection(("127.0.0.1", port), 0.2)\n        print("reached", port)\n    except OSError: pass\n',
    needs: 'isolation',
    expect: { exitCode: 0, stdout: '' },
  },
]
