"""Takes memory and touches every page of it, without end."""

held = []
while True:
    held.append(bytearray(16 * 1024 * 1024))
    print(f"{len(held) * 16} MiB", flush=True)
