"""``python -m skfer.cli``."""

import sys

from skfer.cli import main

sys.exit(main())
