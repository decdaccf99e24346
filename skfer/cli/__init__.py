"""The command ``skfer``, with one thin module for each subcommand."""

from skfer.cli._main import main

__all__ = ["main"]
