"""The command: ``python -m benchmarks [PART ...]``.

``python -m benchmarks NAME ...`` also calls one that has options of its own: ablation,
calibration, cluster, demo, endurance, export, faults, fer2013, killed, label_issues,
pretrain, readme, report_two, svm_defaults or transfer.
"""

import argparse
import sys
import warnings
from datetime import date
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from benchmarks import (
    audit,
    copies,
    features,
    large,
    loading,
    prediction,
    scaling,
    statistics,
    training,
)
from benchmarks._timing import Result, describe_machine, find_peer
from benchmarks.readme import replace_table

_PARTS = (
    "features", "loading", "prediction", "scaling", "training", "audit", "copies",
    "statistics",
)  # fmt: skip
_WITH_OPTIONS = (
    "ablation", "calibration", "cluster", "demo", "endurance", "export", "faults",
    "fer2013", "killed", "label_issues", "pretrain", "readme", "report_two",
    "svm_defaults", "transfer",
)  # fmt: skip
# TensorFlow shares its threads with Keras's own methods: both have all.
_NETWORK_PARTS = {"prediction": prediction, "scaling": scaling, "training": training}
_COLUMNS = ("job", "ours", "peer", "outcome", "goal", "met")
_MET = {True: "yes", False: "NO", None: "-"}
_WIDTH = 140  # Of the table where there is no terminal.
_SECTION = """Written by `make benchmark` on {date}. One part alone is `python -m
benchmarks features`, and likewise `loading`, `prediction`, `scaling`, `training`,
`audit`, `copies` and `statistics`. `--data FOLDER` takes your own faces for the
features, `--pictures FOLDER ...` your own for the copies. The peers come with the
extra `benchmark`, which `make benchmark` installs; one that is not installed is listed
as missing. skfer itself runs with its extra `fast` (Numba for HOG and LBP, simplejpeg
for small JPEG files), which changes no result.

Every line times all its contestants in turn in one process, on one thread unless it
says otherwise, and takes the median of several rounds. Look at the ratios: absolute
times mean nothing on a machine that others use too. Faces are drawn
(`skfer.datasets.make_faces`), 48 by 48 pixels, grey, uint8; the settings are the
defaults, HOG with 9 orientations, 8x8 cells, 2x2 blocks and L2-Hys, LBP with 8 points,
radius 1 and 6x6 histograms of uniform patterns. The network is `CNNClassifier()`. The
photographs are four that scikit-image ships; the 12-megapixel files are made of them,
doubled and repeated, JPEG quality 90, 1.5 to 2.4 MB (the sharper and larger a file, the
longer the part of decoding that no scale shortens).

Machine: {machine}.

{table}
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the parts asked for, print them, and write the page if asked to."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in _WITH_OPTIONS:
        return import_module(f"benchmarks.{words[0]}").main(words[1:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], default=[])
    parser.add_argument("--data", type=Path, help="folder of faces for the features")
    parser.add_argument(
        "--pictures",
        type=Path,
        nargs="+",
        help="folders of pictures to make copies of, and look for them",
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--write", type=Path, help="page whose section on speed to write"
    )
    parser.add_argument(
        "--large",
        type=Path,
        metavar="FOLDER",
        help="with scaling: up to a million pictures, which are drawn into this folder",
    )
    chosen = parser.parse_args(words)
    if chosen.large:
        if chosen.parts != ["scaling"]:
            parser.error("--large is for scaling alone")
        return large.main([str(chosen.large)])
    warnings.filterwarnings("ignore", message="A network got n_threads")
    results = []
    for part in chosen.parts or _PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        results += _run(part, chosen.rounds, chosen.data, chosen.pictures)
    table = Table(title=describe_machine())
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for result in results:
        table.add_row(*_cells(result))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)
    if chosen.write:
        section = _SECTION.format(
            date=date.today(), machine=describe_machine(), table=_markdown(results)
        )
        page = replace_table(chosen.write.read_text(), "speed", section)
        chosen.write.write_text(page)
        print(f"written to {chosen.write}")
    return 0


def _run(
    part: str, rounds: int, data: Path | None, pictures: list[Path] | None
) -> list[Result]:
    if part == "copies":
        return copies.run(pictures)
    if part == "statistics":
        return statistics.run()
    if part == "audit":
        return audit.run()
    if part in _NETWORK_PARTS:
        return _NETWORK_PARTS[part].run(rounds)
    if cv2 := find_peer("cv2"):
        cv2.setNumThreads(1)
    with threadpool_limits(1):
        if part == "features":
            return features.run(data, rounds)
        return loading.run(rounds)


def _cells(result: Result) -> tuple[str, ...]:
    return (*result[:-1], _MET[result.met])


def _markdown(results: list[Result]) -> str:
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *map(_cells, results)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
