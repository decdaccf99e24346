"""``python -m skfer.cli``."""

import sys

from skfer.cli import main

if __name__ == "__main__":
    sys.exit(main())
