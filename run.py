#!/usr/bin/env python3
"""From a bare checkout to a running Xinzu, with nothing but Python: `python3 run.py --help`."""

import sys

# This file stays readable for old Pythons, so that they can say the line below.
if sys.version_info < (3, 11):
    sys.stderr.write(
        "Xinzu needs Python 3.11 or newer, this is {}.{}: try python3.11 run.py ...\n".format(*sys.version_info[:2])
    )
    sys.exit(2)

from launcher.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
