"""`python -m bptm.cli` is the command `bptm`."""

from bptm.cli import main

main()
