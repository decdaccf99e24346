"""The two parts of a table of images, without a leak between them."""

import warnings

from skfer.datasets import ImageTable, propose_groups
from skfer.model_selection._leak_free_shuffle_split import LeakFreeShuffleSplit


def train_test_split_images(
    table: ImageTable,
    test_size: float = 0.2,
    *,
    look_alikes: bool = True,
    random_state: int = 0,
) -> tuple[ImageTable, ImageTable]:
    """Hold out a part of a table for testing, without copies in both parts.

    People are kept on one side where the table has groups.

    Parameters
    ----------
    table : ImageTable
        As from `read_images`, `load_fer2013` or `make_faces`: with a target, and
        groups where known.
    test_size : float, default=0.2
        Share of the images to test on, between 0 and 1; approximate where images
        belong together. Each class has its share.
    look_alikes : bool, default=True
        Whether to look for copies of images, and keep them on one side.
    random_state : int, default=0
        Seed of the shuffling.

    Returns
    -------
    train, test : ImageTable
        The rows of `LeakFreeShuffleSplit`, with all columns.

    Raises
    ------
    ValueError
        If ``table`` is not an `ImageTable`, or can't be split.

    Warns
    -----
    UserWarning
        If the table has no groups, but the names of its files suggest who is shown.

    Examples
    --------
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import train_test_split_images
    >>> train, test = train_test_split_images(make_faces(140, random_state=0))
    >>> train.images.shape, test.target.shape
    ((112, 48, 48), (28,))
    >>> set(train.groups) & set(test.groups)
    set()
    """
    if not isinstance(table, ImageTable):
        raise ValueError(
            f"train_test_split_images needs an ImageTable, got a "
            f"{type(table).__name__}. Make one with ImageTable(images, labels), or use "
            "LeakFreeShuffleSplit, which takes arrays."
        )
    if table.groups is None and (proposals := propose_groups(table)):
        warnings.warn(
            "train_test_split_images puts pictures of one person into both parts, "
            f"because the table has no groups. File names suggest {proposals[0]}; if "
            'that is right, read the images with groups="auto".',
            UserWarning,
            stacklevel=2,
        )
    splitter = LeakFreeShuffleSplit(
        test_size=test_size, look_alikes=look_alikes, random_state=random_state
    )
    ((train, test),) = splitter.split(table)
    return table[train], table[test]
