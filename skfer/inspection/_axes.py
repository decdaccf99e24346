"""The axes that displays draw on."""

from typing import Any

import numpy as np


def take_axes(
    ax: Any, size: tuple[float, float], rows: int = 1, columns: int = 1
) -> np.ndarray:
    """Return a grid of axes, in a new figure unless axes are given.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, array-like of them, or None
        None makes a pyplot figure, which notebooks show. A single Axes is divided
        where more are needed; several are used as they are, row by row.
    size : (float, float)
        Width and height of a new figure, in inches.
    rows, columns : int, default=1
        How many axes are needed.

    Returns
    -------
    ndarray of matplotlib.axes.Axes of shape (rows, columns)
        The axes.

    Raises
    ------
    ValueError
        If another number of axes is given.
    """
    if ax is None:
        from matplotlib import pyplot

        figure = pyplot.figure(figsize=size, layout="constrained")
        return figure.subplots(rows, columns, squeeze=False)
    if np.ndim(ax) == 0 and rows * columns > 1:
        inside = ax.get_subplotspec()
        if inside is None:
            raise ValueError(
                "A display of several panels can divide only an Axes made by "
                "subplots. Create it that way, or leave ax out."
            )
        ax.set_axis_off()
        grid = inside.subgridspec(rows, columns)
        panels = np.empty((rows, columns), dtype=object)
        for place in np.ndindex(rows, columns):
            panels[place] = ax.figure.add_subplot(grid[place])
        return panels
    axes = np.asarray(ax, dtype=object)
    if axes.size != rows * columns:
        raise ValueError(
            f"The display has {rows} by {columns} panels, but got {axes.size} axes. "
            "Pass one Axes, which is divided, or as many as there are panels."
        )
    return axes.reshape(rows, columns)
