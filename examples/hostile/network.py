"""Tries to reach the internet, the cloud's metadata service and the machine it runs on."""

import socket

for host, port in (("1.1.1.1", 443), ("169.254.169.254", 80), ("127.0.0.1", 5432), ("127.0.0.1", 3000)):
    try:
        socket.create_connection((host, port), timeout=2).close()
        print(f"{host}:{port} reached")
    except OSError as error:
        print(f"{host}:{port} refused: {error.strerror or error}")
