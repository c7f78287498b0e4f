"""Starts processes until it may not, which must be soon, and then says how many it got."""

import os
import time

started = 0
while True:
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        started += 1
    except OSError as error:
        print(f"stopped after {started} processes: {error.strerror}")
        break
