"""What C++ libraries write to the terminal, before they know any setting."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send what is written to file descriptor 2 nowhere, also that of C++ code."""
    with suppress(AttributeError, ValueError):  # It can be None, or closed.
        sys.stderr.flush()
    kept = None
    with suppress(OSError):  # There may be nothing to write to at all.
        kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        if kept is None:
            os.close(2)
        else:
            os.dup2(kept, 2)
            os.close(kept)
        if nowhere != 2:
            os.close(nowhere)
