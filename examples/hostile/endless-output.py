"""Writes without end. The head and the tail are kept, and what was left out is stated."""

while True:
    print("A" * 1023)
