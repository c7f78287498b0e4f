"""Tries to read what belongs to the machine, not to the program."""

import os

for path in ("/etc/shadow", "/root/.ssh/id_rsa", "/proc/1/environ", "/proc/sys/kernel/core_pattern"):
    try:
        with open(path, "w" if path.endswith("core_pattern") else "r") as file:
            held = "opened for writing" if file.writable() else f"read {len(file.read())} bytes"
    except OSError as error:
        held = error.strerror
    print(f"{path}: {held}")
print(f"secrets in the environment: {[name for name in os.environ if 'KEY' in name or 'DATABASE' in name]}")
