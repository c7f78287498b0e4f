"""Says everything that a program could notice of its interpreter and its process. Written as is for a run that was started
and for one that was forked: what differs between the two is a fault, apart from what is left out here on purpose: addresses,
mounts (a fork server has two of its own, empty or hidden) and the count of objects that the collector leaves alone."""

import sys

modules = sorted(sys.modules)
import os


def show(name, value):
    print(name, value)


show("modules", modules)
show("argv", (sys.argv, getattr(sys, "orig_argv", None)))
show("path", (sys.path, sorted(sys.path_importer_cache), sys.meta_path, len(sys.path_hooks)))
show("flags", sys.flags)
show("environment", sorted(os.environ.items()))
show("directory", (os.getcwd(), sorted(os.listdir("."))))
show("process", (os.getpid(), os.getppid(), os.getpgid(0), os.getsid(0), os.getresuid(), os.getresgid(), os.getgroups()))
show("umask", oct(os.umask(0o22)))
for name in ("stdin", "stdout", "stderr"):
    stream = getattr(sys, name)
    show(name, (stream.encoding, stream.errors, stream.line_buffering, stream.write_through, stream.seekable(), stream.mode))

import ctypes
import fcntl
import gc
import locale
import random
import resource
import signal
import socket
import threading
import time
import traceback
import warnings

show("descriptors", [(n, fcntl.fcntl(n, fcntl.F_GETFL)) for n in range(64) if os.path.exists(f"/proc/self/fd/{n}")])
fields = "Umask Threads SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp NSpgid Uid Gid Groups"
with open("/proc/self/status") as file:
    show("status", [line for line in file.read().split("\n") if line.split(":")[0] in fields.split()])
show("limits", open("/proc/self/limits").read())
show("priorities", (open("/proc/self/oom_score_adj").read(), os.nice(0)))
show("users", (open("/proc/self/uid_map").read().split(), open("/proc/sys/user/max_user_namespaces").read()))
show("main", sorted((name, str(value)) for name, value in vars(sys.modules["__main__"]).items() if name in ("__name__", "__file__", "__doc__", "__package__", "__spec__", "__cached__")))
show("collector", (gc.isenabled(), gc.get_threshold()))
show("signals", [(each, signal.getsignal(each)) for each in signal.valid_signals()])
show("threads", (threading.current_thread().name, threading.active_count()))
show("interpreter", (sys.getrecursionlimit(), sys.getswitchinterval(), hash("x"), sys._getframe().f_back, len(warnings.filters)))
show("place", (socket.gethostname(), locale.setlocale(locale.LC_ALL), time.tzname))
with socket.socket() as bound:
    bound.bind(("127.0.0.1", 0))
    show("loopback", bound.getsockname()[0])
show("scratch", [(os.listdir(d), oct(os.stat(d).st_mode), os.statvfs(d)[:3]) for d in ("/tmp", "/dev/shm")])
show("devices", sorted(os.listdir("/dev")))
show("processes", sorted(name for name in os.listdir("/proc") if name.isdigit()))


def fail():
    raise ValueError("said")


try:
    fail()
except ValueError:
    traceback.print_exc(file=sys.stdout)
sys.stdout.flush()
1 / 0
