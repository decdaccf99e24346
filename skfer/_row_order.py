"""The order in which training sees the samples."""

import numpy as np

# Up to here, samples come in any order: they fit in the memory of the system.
_MOST = 1 << 20
_RUN = 256  # Neighbours that are read together.
_WINDOW = 1 << 18  # Samples that are mixed with each other.


def shuffle_rows(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the numbers of all samples in a random order that disks can read.

    Above a million, runs of neighbours are shuffled, and then the samples of a thousand
    runs at a time: a disk reads hundreds of neighbours in the time of a few that are
    far from each other.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : Generator
        Decides on the order.

    Returns
    -------
    ndarray of int of shape (n,)
        A permutation.
    """
    if n <= _MOST:
        return rng.permutation(n)
    starts = rng.permutation(-(-n // _RUN)) * _RUN
    order = (starts[:, np.newaxis] + np.arange(_RUN)).ravel()
    order = order[order < n]
    for begin in range(0, n, _WINDOW):
        rng.shuffle(order[begin : begin + _WINDOW])
    return order
