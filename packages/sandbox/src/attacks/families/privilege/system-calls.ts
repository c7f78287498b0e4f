/** One system call each, directly and where that helps from a user namespace of its own. */
import type { Attack, Control } from '../../attack.ts'
import { denied, python } from '../../programs.ts'

const onProcess: Control = { on: 'process' }
const ifAllowed = (why: string): Control => ({ on: 'process', ifAllowed: why })
const userNamespaces = ifAllowed('user namespaces are closed to ordinary users')
const nobody: Control = { without: 'no ordinary user may, isolated or not, and root’s attempt would harm the machine' }

type Knock = { readonly tries: string; readonly ask: string; readonly also?: readonly string[]; readonly control?: Control }

/** `elevate(flags)` makes a user namespace with all capabilities in it, and namespaces of those kinds, wherever that is possible. */
const elevate = `
uid, gid = os.getuid(), os.getgid()
def elevate(flags=0): quietly(lambda: call(272, 97, 0x10000000 | flags))
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWCGROUP = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000
def child():
    pid = os.fork()
    if pid == 0:
        import time
        time.sleep(20)
        os._exit(0)
    return pid
room = ctypes.create_string_buffer(256)
`

const knocks: Readonly<Record<string, Knock>> = {
  'user-namespace': {
    tries: 'Makes a user namespace, in which it would be root.',
    ask: 'call(272, 97, NEWUSER)',
    control: userNamespaces,
  },
  'network-namespace': { tries: 'Makes a network namespace.', ask: 'call(272, 97, NEWUSER | NEWNET)', control: userNamespaces },
  'mount-namespace': { tries: 'Makes a mount namespace.', ask: 'call(272, 97, NEWUSER | NEWNS)', control: userNamespaces },
  'cgroup-namespace': { tries: 'Makes a cgroup namespace.', ask: 'call(272, 97, NEWUSER | NEWCGROUP)', control: userNamespaces },
  'clone-user-namespace': {
    tries: 'Starts a child in a user namespace by clone.',
    ask: 'call(56, 220, NEWUSER | 17, 0, 0, 0, 0) or os._exit(0)',
    control: userNamespaces,
  },
  'clone3-user-namespace': {
    tries: 'Starts a child in a user namespace by clone3, whose flags a filter cannot see.',
    ask: '(ctypes.memmove(room, NEWUSER.to_bytes(8, "little") + bytes(24) + (17).to_bytes(8, "little"), 40), call(435, 435, room, 64) or os._exit(0))',
    control: userNamespaces,
  },
  'join-namespace': {
    tries: 'Joins a namespace by its file.',
    ask: '(elevate(NEWUTS), call(308, 268, os.open("/proc/self/ns/uts", 0), 0))',
    control: userNamespaces,
  },
  mount: {
    tries: 'Mounts a file system.',
    ask: '(elevate(NEWNS), call(165, 40, b"none", b"/tmp", b"tmpfs", 0, 0))',
    control: userNamespaces,
  },
  'remount-root': {
    tries: 'Makes the root writable by mounting it once more.',
    ask: '(elevate(NEWNS), call(165, 40, b"/", b"/", 0, 4096 | 16384, 0))',
    control: userNamespaces,
  },
  umount: {
    tries: 'Takes a mount away, to see what lies below it.',
    ask: '(elevate(NEWNS), call(165, 40, b"none", b"/tmp", b"tmpfs", 0, 0), call(166, 39, b"/tmp", 2))',
    control: userNamespaces,
  },
  fsopen: {
    tries: 'Opens a file system by the new mount interface.',
    ask: '(elevate(NEWNS), call(430, 430, b"tmpfs", 0))',
    control: userNamespaces,
  },
  'open-tree': {
    tries: 'Clones the mounts of the root.',
    ask: '(elevate(NEWNS), call(428, 428, -100, b"/", 1 | 0x8000))',
    control: userNamespaces,
  },
  chroot: {
    tries: 'Changes its root, the first step out of a chroot.',
    ask: '(elevate(), call(161, 51, b"/tmp"))',
    control: userNamespaces,
  },
  'pivot-root': {
    tries: 'Exchanges its root.',
    ask: '(elevate(NEWNS), os.makedirs("/tmp/@NONCE@", exist_ok=True), quietly(lambda: call(165, 40, b"/", b"/", 0, 0x44000, 0)), call(165, 40, b"none", b"/tmp/@NONCE@", b"tmpfs", 0, 0), call(155, 41, b"/tmp/@NONCE@", b"/tmp/@NONCE@"))',
    control: userNamespaces,
  },
  hostname: {
    tries: 'Renames the machine.',
    ask: '(elevate(NEWUTS), call(170, 161, b"@NONCE@", 12))',
    control: userNamespaces,
  },
  'raw-socket': {
    tries: 'Opens a raw socket.',
    ask: '(elevate(NEWNET), call(41, 198, 2, 3, 1))',
    control: userNamespaces,
  },
  'packet-socket': {
    tries: 'Opens a packet socket, which hears everything on a link.',
    ask: '(elevate(NEWNET), call(41, 198, 17, 3, 0x300))',
    also: ['EAFNOSUPPORT'],
    control: userNamespaces,
  },
  'netlink-socket': { tries: 'Opens a netlink socket.', ask: 'call(41, 198, 16, 3, 0)', also: ['EAFNOSUPPORT'] },
  'netfilter-socket': {
    tries: 'Opens the socket of the packet filter, through which many kernels fell.',
    ask: '(elevate(NEWNET), call(41, 198, 16, 3, 12))',
    also: ['EAFNOSUPPORT'],
    control: ifAllowed('its kernel has no packet filter that is asked over netlink'),
  },
  'crypto-socket': {
    tries: 'Opens a socket of the kernel’s cryptography.',
    ask: 'call(41, 198, 38, 5, 0)',
    also: ['EAFNOSUPPORT'],
    control: ifAllowed('its kernel has no AF_ALG'),
  },
  keyring: {
    tries: 'Keeps something in the kernel’s keyring of its user.',
    ask: 'call(248, 217, b"user", b"@NONCE@", b"kept", 4, -3)',
  },
  keyctl: { tries: 'Joins a session keyring.', ask: 'call(250, 219, 1, b"@NONCE@")' },
  bpf: {
    tries: 'Loads a program into the kernel.',
    ask: '(elevate(), ctypes.memmove(room, (1).to_bytes(4, "little") + (4).to_bytes(4, "little") * 3, 16), call(321, 280, 0, room, 128))',
    control: ifAllowed('bpf is closed to ordinary users'),
  },
  'perf-event': {
    tries: 'Counts hardware events, by which neighbours can be listened to.',
    ask: '(ctypes.memmove(room, (1).to_bytes(4, "little") + (128).to_bytes(4, "little") + bytes(32) + (0x60).to_bytes(8, "little"), 48), call(298, 241, room, 0, -1, -1, 0))',
    control: ifAllowed('kernel.perf_event_paranoid closes it to ordinary users'),
  },
  userfaultfd: {
    tries: 'Handles page faults itself, with which races in the kernel are won.',
    ask: 'call(323, 282, 1)',
    control: ifAllowed('its kernel has no userfaultfd'),
  },
  'ptrace-child': { tries: 'Traces a child of its own.', ask: 'call(101, 117, 16, child(), 0, 0)' },
  'read-child-memory': {
    tries: 'Reads the memory of a child of its own by a system call.',
    ask: '(ctypes.memmove(room, ctypes.addressof(room).to_bytes(8, "little") + (8).to_bytes(8, "little"), 16), call(310, 270, child(), room, 1, room, 1, 0))',
  },
  'take-descriptor': {
    tries: 'Takes a descriptor out of a child of its own.',
    ask: 'call(438, 438, os.pidfd_open(child()), 0, 0)',
    control: ifAllowed('its kernel is older than pidfd_getfd'),
  },
  'compare-processes': {
    tries: 'Compares kernel objects of two processes.',
    ask: 'call(312, 272, os.getpid(), child(), 1, 0, 0)',
  },
  'advise-process': {
    tries: 'Gives advice on the memory of another process.',
    ask: 'call(440, 440, os.pidfd_open(child()), 0, 0, 20, 0)',
    control: ifAllowed('its kernel is older than process_madvise, or keeps it from ordinary users'),
  },
  personality: {
    tries: 'Switches off the randomness of addresses.',
    ask: 'call(135, 92, 0x0040000)',
  },
  fanotify: {
    tries: 'Listens to what others do to files.',
    ask: 'call(300, 262, 0x200, 0)',
    control: ifAllowed('fanotify is closed to ordinary users'),
  },
  'file-handle': {
    tries: 'Asks for the handle of a file, by which it can be opened without its path.',
    ask: '(ctypes.memmove(room, (128).to_bytes(4, "little"), 4), call(303, 264, -100, b"/usr/bin", room, ctypes.byref(ctypes.c_int()), 0))',
    control: ifAllowed('its file system gives out no handles'),
  },
  'nested-filter-listener': {
    tries: 'Installs a filter whose decisions another process makes.',
    ask: '(call(157, 167, 38, 1, 0, 0, 0), ctypes.memmove(room, (1).to_bytes(8, "little") + (ctypes.addressof(room) + 16).to_bytes(8, "little") + b"\\x06\\0\\0\\0\\0\\0\\xff\\x7f", 24), call(317, 277, 1, 8, room))',
  },
  'setuid-0': {
    tries: 'Becomes root by asking.',
    ask: '(elevate(), quietly(lambda: open("/proc/self/uid_map", "w").write(f"0 {uid} 1")), call(105, 146, 0))',
    also: ['EINVAL'], // root does not exist in its user namespace
    control: userNamespaces,
  },
  'setgid-0': {
    tries: 'Joins root’s group by asking.',
    ask: '(elevate(), quietly(lambda: open("/proc/self/setgroups", "w").write("deny")), quietly(lambda: open("/proc/self/gid_map", "w").write(f"0 {gid} 1")), call(106, 144, 0))',
    also: ['EINVAL'],
    control: userNamespaces,
  },
  'raise-limits': {
    tries: 'Raises a resource limit above what it was given.',
    ask: '(__import__("resource").setrlimit(__import__("resource").RLIMIT_CORE, (4096, 4096)))',
    also: ['ValueError'],
    control: nobody,
  },
  'module-load': { tries: 'Loads a kernel module.', ask: 'call(175, 105, b"", 0, b"")', control: nobody },
  'module-load-file': { tries: 'Loads a kernel module from a file.', ask: 'call(313, 273, 0, b"", 0)', control: nobody },
  'module-remove': { tries: 'Removes a kernel module.', ask: 'call(176, 106, b"@NONCE@", 0)', control: nobody },
  kexec: { tries: 'Replaces the kernel.', ask: 'call(246, 104, 0, 0, 0, 0)', control: nobody },
  reboot: {
    tries: 'Switches off the reboot by Ctrl-Alt-Del.',
    ask: 'call(169, 142, 0xfee1dead, 672274793, 0, 0)',
    control: nobody,
  },
  swap: { tries: 'Takes swap into use.', ask: 'call(167, 224, b"/tmp/@NONCE@", 0)', control: nobody },
  'set-clock': { tries: 'Sets the clock.', ask: 'call(227, 112, 0, room)', control: nobody },
  accounting: {
    tries: 'Has the kernel write accounts of all processes to its file.',
    ask: 'call(163, 89, b"/tmp/@NONCE@")',
    control: nobody,
  },
  'open-by-handle': {
    tries: 'Opens the root of the host by guessing its handle.',
    ask: '(ctypes.memmove(room, (8).to_bytes(4, "little") + (1).to_bytes(4, "little") + (2).to_bytes(4, "little") + bytes(4), 16), call(304, 265, os.open("/", 0), room, 0))',
    control: nobody,
  },
  'device-node': {
    tries: 'Makes a node of a disk, to read it around the file system.',
    ask: '(elevate(NEWNS), os.mknod("/tmp/@NONCE@", 0o060666, os.makedev(254, 0)))',
    control: nobody,
  },
  'terminal-input': {
    tries: 'Types into the terminal from which it was started.',
    ask: '__import__("fcntl").ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"\\n")',
    also: ['ENXIO', 'ENOENT', 'EIO'],
    control: nobody,
  },
}

export const systemCalls: readonly Attack[] = [
  ...Object.entries(knocks).map(
    ([id, { tries, ask, also = [], control = onProcess }]): Attack => ({
      id,
      tries,
      language: 'python',
      source: python(`${elevate}attempt("${id}", lambda: ${ask})`),
      surface: 'host-kernel',
      stopped: { says: { [id]: [...denied, ...also], tried: ['yes'] } },
      control,
    }),
  ),
]
