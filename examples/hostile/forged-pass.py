"""Claims to have passed, and leaves before anybody can check."""

import os

print("PASSED", flush=True)
os._exit(0)
