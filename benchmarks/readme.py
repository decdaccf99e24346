"""The tables of the README: ``python -m benchmarks readme`` writes what was measured.

Benchmarks that are called with --record keep in results.json what they have printed,
with the command, the day and the machine. No figure is typed by hand.
"""

import argparse
import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks._timing import describe_machine
from skfer._writing import written_aside

RESULTS = Path(__file__).with_name("results.json")
_README = Path(__file__).parents[1] / "README.md"
# What `benchmarks.transfer` calls them.
_SMALL = {
    "web": "photographs from a web search, happy or sad",
    "KDEF": "portraits (KDEF), three expressions",
    "CK+48": "faces (CK+48), seven expressions",
}
_FER = {
    "lbp-svm": "make_lbp_svm()",
    "hog-svm": "make_hog_svm()",
    "fast": 'make_cnn("fast")',
    "default": "make_cnn()",
}


def main(arguments: list[str] | None = None) -> int:
    """Put the tables into the README."""
    argparse.ArgumentParser(
        prog="python -m benchmarks readme", description=__doc__
    ).parse_args(arguments)
    text = _README.read_text()
    for name, table in make_tables(json.loads(RESULTS.read_text())).items():
        text = replace_table(text, name, table)
    with written_aside(_README) as aside:
        aside.write_text(text)
    return 0


def record(name: str, command: str, figures: dict[str, Any]) -> None:
    """Keep the figures of a measurement, in place of earlier ones of that name."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = {
        "command": command,
        "date": str(date.today()),
        "machine": describe_machine(),
        **figures,
    }
    with written_aside(RESULTS) as aside:
        aside.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def make_tables(results: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the tables of the README, in Markdown, by name."""
    small = [("pictures, each photograph counted once", "people", "`make_transfer`",
              "`make_hog_svm`")]  # fmt: skip
    for name, what in _SMALL.items():
        found = results[f"small, {name}"]
        n_people = found["n_people"]
        small.append(
            (
                f"{found['n_images']} {what}",
                f"{n_people}, each on one side" if n_people else "unknown",
                found["transfer"],
                found["hog-svm"],
            )
        )
    fer = [("model", "accuracy (95%)", "without copies (95%)", "training", "images/s")]
    for preset, name in _FER.items():
        kept, removed = (
            results[f"fer2013, {preset}, copies {what}"] for what in ("kept", "removed")
        )
        fer.append(
            (
                f"`{name}`",
                kept["accuracy"],
                removed["accuracy"],
                f"{max(1, round(float(kept['fit_seconds']) / 60))} min",
                f"{kept['predict_images_per_second']:,}",
            )
        )
    return {"small": _to_markdown(small), "fer2013": _to_markdown(fer)}


def replace_table(text: str, name: str, table: str) -> str:
    """Return the page with a table in the place that has its name."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    pattern = f"{re.escape(begin)}.*?{re.escape(end)}"
    found, n_found = re.subn(pattern, lambda _: begin + table + end, text, flags=re.S)
    if n_found != 1:
        raise ValueError(f"The page has {n_found} places for the table {name!r}.")
    return found


def _to_markdown(rows: list[tuple[str, ...]]) -> str:
    lines = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
