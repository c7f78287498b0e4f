"""Makes `python3 -s main.py` a fork server: a loaded interpreter that forks into each run, so that loading is paid once.

`site` imports this as the last step of the interpreter's own start, before the program is even opened. The server stays in
here. What returns from here is a run: the interpreter then opens its program as if it had just been started, so tracebacks,
`__main__` and the end of the process are its own doing and not an imitation of it.

Nothing of a run passes through the memory of the server, which holds no secret: whatever is of one run is read by that run's
own guard. The server runs one at a time, in a sandbox whose user, cgroup and work directory belong to one slot.

Descriptors on entry are those of guard.pl, and 10 control (a byte asks for a run), 11 answers (a line each: ready, opened,
done; anything else is a complaint) and 12 the guest's stdout; 1 and 2 are answers too. CRUCIBLE_FORK_PRELOAD names modules to have loaded, for a program that is known to import them.
"""

import sys

loaded_before = set(sys.modules)
looked_in_before = set(sys.path_importer_cache)

CLONE_NAMESPACES = 0x7E020000  # mount, cgroup, uts, ipc, user, pid, net
SIGCHLD, SIGKILL = 17, 9
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
SECCOMP_MODE_FILTER = 2
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
CAPABILITY_VERSION_3 = 0x20080522
AF_INET, SOCK_DGRAM, SIOCSIFFLAGS, IFF_UP = 2, 2, 0x8914, 1
calls = {"x86_64": {"clone": 56, "capset": 126}, "aarch64": {"clone": 220, "capset": 91}}
place = "/.fork"  # where this file is shown


def serve():
    """Returns in a run's own process and nowhere else."""
    import os

    for name in filter(None, os.environ.pop("CRUCIBLE_FORK_PRELOAD", "").split(",")):
        __import__(name)
    loaded_before.update(sys.modules)
    looked_in_before.update(sys.path_importer_cache)
    import _signal
    import ctypes
    import gc
    import resource
    import struct
    import time
    import traceback

    number = calls[os.uname().machine]
    libc = ctypes.PyDLL(None, use_errno=True)  # keeps the interpreter's lock over a call: after clone nobody could hand it back

    def check(result):
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result

    # Held as names only: an end of a pipe that the server kept would keep its reader waiting for ever.
    names = {}
    for role, descriptor in {0: 0, 1: 12, 3: 3, 4: 4, 7: 7, 8: 8, 9: 9}.items():
        path = os.open(f"/proc/self/fd/{descriptor}", os.O_PATH)
        names[role] = os.dup2(path, 32 + role, inheritable=False)
        os.close(path)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    for descriptor in (3, 4, 7, 8, 9, 12):
        os.close(descriptor)

    with open("/.crucible/filter", "rb") as file:
        code = file.read()

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    instructions = ctypes.create_string_buffer(code, len(code))
    program = Program(len(code) // 8, ctypes.addressof(instructions))

    def reopen(role, flags):
        return os.open(f"/proc/self/fd/{names[role]}", flags)

    def put(path, text):
        file = os.open(path, os.O_WRONLY)
        os.write(file, text)
        os.close(file)

    def mount(source, target, kind, flags, options=None):
        check(libc.mount(source, target, kind, ctypes.c_ulong(flags), options))

    def enter():
        """Makes this process, pid 1 of namespaces of its own, into what bubblewrap makes of one."""
        libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # else the files below are root's
        put("/proc/self/setgroups", b"deny")
        put("/proc/self/uid_map", b"%d %d 1" % (outer_uid, outer_uid))
        put("/proc/self/gid_map", b"%d %d 1" % (outer_gid, outer_gid))

    def furnish(flags, shared_memory_bytes, scratch_bytes):
        mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755,size=" + scratch_bytes)
        mount(b"tmpfs", b"/dev/shm", b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755,size=" + shared_memory_bytes)
        mount(b"/.slot/work", b"/work", None, MS_BIND)
        if b"s" in flags:
            mount(None, b"/work", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
        mount(b"tmpfs", b"/.slot", b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, b"size=4k")  # no second way to the same files
        os.chdir("/work")
        loopback = check(libc.socket(AF_INET, SOCK_DGRAM, 0))
        check(libc.ioctl(loopback, ctypes.c_ulong(SIOCSIFFLAGS), struct.pack("16sH14x", b"lo", IFF_UP)))
        os.close(loopback)

    def drop_capabilities():
        capability = 0
        while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
            capability += 1
        none = struct.pack("6I", 0, 0, 0, 0, 0, 0)
        check(libc.syscall(ctypes.c_long(number["capset"]), struct.pack("II", CAPABILITY_VERSION_3, 0), none))

    def become_guest(opened, flags, limits, words):
        os.dup2(opened[0], 0)
        os.dup2(opened[1], 1)
        os.dup2(opened[7], 2)
        status = os.dup2(opened[9], 60, inheritable=False)
        if b"c" in flags:
            given, report = os.dup2(opened[3], 61), os.dup2(opened[4], 62)
            os.dup2(given, 3)
            os.dup2(report, 4)
        os.closerange(5 if b"c" in flags else 3, status)
        os.closerange(status + 1, 4096)
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
        put("/proc/self/oom_score_adj", b"1000")  # when memory runs out, the guest goes before those who can tell
        for limit in limits.split():
            kind, _, value = limit.partition(b":")
            pair = struct.pack("QQ", int(value), int(value))
            if libc.setrlimit(int(kind), pair) != 0:
                os.write(status, b"no-limit %s %d\n" % (kind, ctypes.get_errno()))
                os._exit(1)
        check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))
        os.close(status)
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        gc.unfreeze()  # what the collector finds at the end decides which finalizers run, and in which order
        gc.enable()
        sys.argv[1:] = words
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[server_words:] = words

    def guard():
        """True in the guest, when it is ready to be the program; the guard itself never returns."""
        enter()
        opened = {descriptor: reopen(descriptor, os.O_WRONLY) for descriptor in (1, 7, 9)}
        for descriptor in (0, 3, 8):
            opened[descriptor] = reopen(descriptor, os.O_RDONLY)
        text = b""
        while chunk := os.read(opened[8], 65536):
            text += chunk
        flags, limits, shared_memory_bytes, scratch_bytes, *words = text.split(b"\0")[:-1]
        if b"c" in flags:
            opened[4] = reopen(4, os.O_WRONLY)
        os.write(11, b"opened\n")
        furnish(flags, shared_memory_bytes, scratch_bytes)
        drop_capabilities()
        os.setsid()
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)  # the interpreter's handler would let the guest interrupt pid 1
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # the guest has our uid: neither our descriptors nor our memory are its own
        words = [os.fsdecode(word) for word in words]
        started = time.monotonic_ns()
        guest = os.fork()
        if guest == 0:
            become_guest(opened, flags, limits, words)
            return True
        status = os.dup2(opened[9], 60)
        os.closerange(0, status)
        os.closerange(status + 1, 4096)
        os.write(status, b"started\n")
        while True:
            ended, how, usage = os.wait4(-1, 0)
            if ended == guest:
                break
        wall = time.monotonic_ns() - started
        with open("/proc/loadavg", "rb") as file:
            alone = file.read().split()[4] == b"2"  # the last pid that was given in this namespace: the guest's own
        full = os.statvfs("/tmp").f_bfree == 0
        own = resource.getrusage(resource.RUSAGE_SELF)
        figures = [how, wall // 1000, usage.ru_utime * 1e6, usage.ru_stime * 1e6, usage.ru_maxrss]
        figures += [own.ru_utime * 1e6, own.ru_stime * 1e6, full, 0, alone]
        os.write(status, b"ended %s\n" % b" ".join(b"%d" % figure for figure in figures))
        os._exit(0)

    outer_uid, outer_gid = os.getuid(), os.getgid()
    server_words = len(sys.orig_argv) if hasattr(sys, "orig_argv") else 0
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    gc.collect()
    gc.freeze()  # the guard shall touch as few pages as can be, for each page touched is a page copied
    gc.disable()
    os.write(11, b"ready\n")
    flags = ctypes.c_ulong(CLONE_NAMESPACES | SIGCHLD)
    while os.read(10, 1):
        child = libc.syscall(ctypes.c_long(number["clone"]), flags, None, None, None, None)
        if child == 0:
            try:
                if guard():
                    return
            except BaseException:
                os.write(2, traceback.format_exc().encode())
            os._exit(1)
        if child < 0:
            os.write(2, b"clone: %s\n" % os.strerror(ctypes.get_errno()).encode())
        else:
            os.waitpid(child, 0)
        os.write(11, b"done\n")
    os._exit(0)


serve()

# From here on this is a run. It should find the interpreter as it would have been without us.
sys.path[:] = [path for path in sys.path if path != place]
for path in (set(sys.path_importer_cache) - looked_in_before) | {place}:
    sys.path_importer_cache.pop(path, None)
for name in set(sys.modules) - loaded_before - {"sitecustomize"}:
    del sys.modules[name]
for name in ("PYTHONPATH", "PWD"):  # PWD is set by bubblewrap
    sys.modules["os"].environ.pop(name, None)
del sys.modules["sitecustomize"]
try:
    import sitecustomize  # the machine's own, if it has one
except ImportError:
    raise ImportError(name="sitecustomize") from None  # as if none had been found: `site` goes on in silence
sys.modules["sitecustomize"] = sys.modules["sitecustomize"]
