/**
 * How attacks report: the same few lines before every program of a language. A report begins a line of its own, whatever
 * the program has written before.
 */

/** What kernels and filters answer to who may not. Not EINVAL or EFAULT: then somebody has looked at the arguments. */
export const denied = ['EPERM', 'EACCES', 'ENOSYS'] as const

/**
 * Python with `say(name, result)`; `attempt(name, act)`, which reports `ok` or the error's name; and `call(x64, arm64, …)`
 * for system calls, which raises OSError. It ends by saying `tried yes`, so that a program that broke is not taken for one that was stopped.
 */
export const python = (body: string) => `import ctypes, errno, os, platform, sys
def say(name, result): os.write(1, f"\\n@NONCE@ {name} {result}\\n".encode())
def named(error): return errno.errorcode.get(error.errno, f"error-{error.errno}") if getattr(error, "errno", None) else type(error).__name__
def attempt(name, act):
    try: result = act()
    except (OSError, ValueError) as error: say(name, named(error)); return None
    say(name, "ok"); return result
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(x64, arm64, *rest):
    number = x64 if platform.machine() == "x86_64" else arm64
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(each) if isinstance(each, int) else each for each in rest])
    if result == -1: raise OSError(ctypes.get_errno(), "refused")
    return result
def quietly(act):
    try: return act()
    except Exception: return None
${body.trim()}
say("tried", "yes")
`

/** The end of a C program does not report by itself: `say("tried", "yes")` is its last line. */
export const c = (body: string) => `#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static void say(const char *name, const char *result) { dprintf(1, "\\n@NONCE@ %s %s\\n", name, result); }
__attribute__((unused)) static void report(const char *name, long result) { say(name, result >= 0 ? "ok" : strerrorname_np(errno)); }
${body.trim()}
`
