"""The command ``skfer``: a module for each command, all of them thin."""

from skfer.cli._main import main

__all__ = ["main"]
