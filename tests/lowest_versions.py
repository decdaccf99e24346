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
    needed = list(project["dependencies"])
    for extra in (
        "tensorflow", "fast", "faces", "video", "heic", "export", "demo", "dask",
        "large",
    ):  # fmt: skip
        needed += extras[extra]
    print("\n".join(lowest(needed)))
