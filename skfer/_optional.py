"""Packages that only some functions need."""

from importlib import import_module
from typing import Any


def require(package: str, who: str, otherwise: str) -> Any:
    """Import a package, or say how to get it and what to do without.

    Parameters
    ----------
    package : str
        Name of the package, for instance "pandas".
    who : str
        Name of the caller, for the error message.
    otherwise : str
        What to use instead, for instance "use `findings`".

    Returns
    -------
    module
        The package.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        raise ImportError(
            f"{who} needs {package}. Install it with `pip install {package}`, or "
            f"{otherwise}."
        ) from None
