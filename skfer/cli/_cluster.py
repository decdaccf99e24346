"""The Dask scheduler on whose workers a command trains."""

from typing import Any

from rich.console import Console

from skfer._optional import require
from skfer._text import count_of
from skfer.cli._options import say

_PATIENCE = 10  # Seconds.


def connect(console: Console, address: str) -> Any:
    """Return a client of a scheduler that has workers."""
    distributed = require("distributed", "--dask", "leave --dask out")
    try:
        client = distributed.Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"--dask {address}: no Dask scheduler answers there ({error}). Start one "
            "with the command dask scheduler, and pass the address that it prints, for "
            "instance tcp://127.0.0.1:8786."
        ) from error
    n_workers = len(client.scheduler_info(n_workers=-1)["workers"])
    if not n_workers:
        client.close()
        raise ValueError(
            f"--dask {address}: the scheduler has no workers yet. Start some with the "
            f"command dask worker {address}."
        )
    say(console, f"Training on {count_of(n_workers, 'worker')} of {address}.")
    return client
