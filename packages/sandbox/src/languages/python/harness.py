"""Runs submission and hidden code as one program and reports the nonce only when both came to their end.

Everything needed after the submission has run is bound before it: patching builtins, os or sys changes
nothing here. The nonce is in no module's globals, not in argv and not in the environment. What a program
that knows this file can still do (it shares our memory) is said in the threat model.
"""

import os
import sys


def run():
    import __future__
    import builtins
    import threading
    import traceback
    import types

    given = b""
    while chunk := os.read(3, 65536):
        given += chunk
    os.close(3)
    code, _, nonce = given.rpartition(b"\0")
    write, getpid, pid = os.write, os.getpid, os.getpid()
    join_threads = threading._shutdown
    stdout, stderr, print_exception = sys.stdout, sys.stderr, traceback.print_exception
    compile_, exec_ = compile, exec
    builtin = dict(vars(builtins))
    future_flags = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)

    entry = os.path.abspath(sys.argv[1])
    sys.argv = sys.argv[1:]
    sys.path[0] = os.path.dirname(entry)
    main = types.ModuleType("__main__")
    main.__file__ = entry
    main.__builtins__ = __builtins__
    runner = sys.modules["__main__"]  # held until we return: its globals are ours
    sys.modules["__main__"] = main
    space = main.__dict__

    try:
        with open(entry, "rb") as file:
            submission = compile_(file.read(), entry, "exec", 0, True)
        # As in one joined file: `from __future__` in the submission holds for the hidden code as well.
        future = submission.co_flags & future_flags
        exec_(submission, space)
        vars(builtins).update(builtin)  # by these the hidden code compares
        forbid_tracing()
        exec_(compile_(code, "<test>", "exec", future, True), space)
    except Exception as error:
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next or error.__traceback__
        print_exception(error)
        status = 1
    else:
        status = 0
    # SystemExit and KeyboardInterrupt pass through: they end the program as they do everywhere, unreported.
    join_threads()
    try:
        stdout.flush()
    except Exception:
        pass
    if status == 0 and getpid() == pid:
        write(4, nonce)
    return status


def forbid_tracing(settrace=sys.settrace, add_hook=sys.addaudithook):
    """For good: a trace function may move any frame past its assertions. Switching it off, as doctest does, is allowed."""
    allowed = True

    def hook(event, _):
        if event == "sys.settrace" and not allowed:
            raise RuntimeError("a hidden program is not traced")

    def off(function):
        nonlocal allowed
        if function is not None:
            raise RuntimeError("a hidden program is not traced")
        allowed = True
        try:
            settrace(None)
        finally:
            allowed = False

    add_hook(hook)
    off(None)
    sys.settrace = off


sys.exit(run())
