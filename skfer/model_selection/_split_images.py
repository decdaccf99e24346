"""Splitting samples without leaking."""

from typing import Any

import numpy as np

from skfer._holdout import hold_out


def split_train_test(
    y: Any,
    *,
    groups: Any = None,
    test_size: float = 0.2,
    random_state: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Split samples at random, stratified by class, with whole groups on one side.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels.
    groups : array-like of shape (n_samples,), default=None
        Who or what each sample shows. With groups the size is met roughly.
    test_size : float, default=0.2
        Share of the samples to test on, between 0 and 1.
    random_state : int, default=0
        Seed of the shuffling.

    Returns
    -------
    train, test : ndarray of int
        Row numbers.

    Raises
    ------
    ValueError
        If ``test_size`` is not between 0 and 1, a class has one sample only, or
        there is only one group.

    Examples
    --------
    >>> from skfer.model_selection import split_train_test
    >>> train, test = split_train_test(["happy", "sad"] * 10)
    >>> len(train), len(test)
    (16, 4)
    """
    if not 0 < test_size < 1:
        raise ValueError(
            f"split_train_test got test_size={test_size}. It must be between 0 and 1, "
            "for instance 0.2."
        )
    return hold_out(
        np.asarray(y),
        groups=groups,
        fraction=test_size,
        random_state=random_state,
        asker="split_train_test",
        advice="or bring a separate test folder",
    )
