"""Print the lowest versions that pyproject.toml declares, for `make test-lowest`."""

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())


def lowest(requirements):
    """Return a pin for every requirement with a lower bound."""
    pairs = (re.match(r"([\w-]+)>=([\d.]+)", one) for one in requirements)
    return [f"{pair[1]}=={pair[2]}" for pair in pairs if pair]


if __name__ == "__main__":
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["tensorflow"], *extras["fast"]]
    print("\n".join(lowest(needed)))
