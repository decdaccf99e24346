"""The command line: thin, calls the rooms below."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sklearn.utils import Bunch

from skfer._arguments import make_parser
from skfer._wording import MAJORITY, show_interval
from skfer.datasets import audit_images, find_twins, load_image_folder, make_faces
from skfer.inspection import save_audit, save_comparison, save_report
from skfer.model_selection import (
    Comparison,
    ProgressDisplay,
    compare_pipelines,
    train_test_split_images,
)
from skfer.pipelines import make_cnn, make_hog_svm, make_lbp_svm


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``skfer``.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Words of the command line. None takes those of the process.

    Returns
    -------
    int
        0; 1 after an error that was explained, or where an audit found something
        serious; 130 after Ctrl-C.

    Examples
    --------
    >>> from skfer.cli import main
    >>> main(["compare", "no/such/folder"])
    1
    """
    options = make_parser().parse_args(arguments)
    run = _audit if options.command == "audit" else _compare
    try:
        return run(options)
    except (ValueError, OSError, ImportError) as error:
        Console(stderr=True).print(f"[bold red]skfer:[/] {escape(str(error))}")
        return 1
    except KeyboardInterrupt:
        Console(stderr=True).print("skfer: stopped, nothing was written.")
        return 130


def _compare(options: argparse.Namespace) -> int:
    console = Console()
    _check_output(Path(options.output), "--output")
    _check_file(options.report, "--report")
    if options.test and not options.path:
        raise ValueError("--test PATH needs a folder to train on: skfer compare PATH.")
    with console.status("Reading, and looking for copies"):
        train, test, source, leaks = _load(options)
    console.print(
        f"{escape(source)}: {len(train.target):,} images to train on, "
        f"{len(test.target):,} to test on, {len(set(train.target))} classes."
    )
    if leaks:
        console.print(f"[bold]{leaks}[/]", soft_wrap=True)
    classifiers = {name: _make(name, options) for name in options.models}
    n_train, n_test = len(train.target), len(test.target)
    X = np.concatenate([train.X, test.X])
    y = np.concatenate([train.target, test.target])
    with ProgressDisplay(list(classifiers), console) as progress:
        comparison = compare_pipelines(
            classifiers,
            X,
            y,
            cv=[(np.arange(n_train), n_train + np.arange(n_test))],
            return_estimator=True,
            progress=progress,
        )
    files = save_comparison(comparison, options.output)
    if options.report:
        audit = audit_images(
            X,
            y,
            groups=None
            if train.groups is None
            else np.concatenate([train.groups, test.groups]),
            split=np.repeat(["train", "test"], [n_train, n_test]),
        )
        save_report(
            comparison, options.report,
            X=X, y=y, pipelines=classifiers, audit=audit, title=f"{source}: comparison",
        )  # fmt: skip
    _print_table(console, comparison)
    console.print(escape(comparison.verdict), soft_wrap=True)
    if leaks:
        console.print(f"[bold]{leaks}[/]", soft_wrap=True)
    console.print(
        f"Written to {escape(options.output)}: {', '.join(f.name for f in files)}",
        soft_wrap=True,
    )
    if options.report:
        console.print(f"Written to {escape(options.report)}", soft_wrap=True)
    return 0


def _check_file(file: str | None, option: str) -> None:
    if not file:
        return
    if Path(file).is_dir():
        raise ValueError(f"{option} {file} is a folder; name a file in it.")
    _check_output(Path(file).parent, option)


def _check_output(folder: Path, option: str) -> None:
    """Refuse a place that can't be written to before the work, not after it."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ValueError(
            f"{option} {folder} can't be made, because {there} is not a folder that "
            f"can be written to. Choose another with {option}."
        )


def _load(options: argparse.Namespace) -> tuple[Bunch, Bunch, str, str]:
    """Return the two parts, where they come from, and what has leaked between them."""
    if options.path is None:
        data = make_faces(
            image_size=max(16, options.image_size), random_state=options.random_state
        )
        source = "Drawn faces, split by subject"
    else:
        data = _read(options.path, options)
        source = options.path
    is_drawn_here = not options.test and data.get("split") is None
    if options.test:
        train, test = data, _read(options.test, options)
        source = f"{options.path}, tested on {options.test}"
    elif is_drawn_here:
        train, test = train_test_split_images(
            data, options.test_size, random_state=options.random_state
        )
    else:
        train, test, names = _official_parts(data)
        source = f"{options.path}, {names}"
    X = "images" if options.path is None else "paths"
    train, test = (
        Bunch(X=part[X], target=part.target, groups=part.get("groups"))
        for part in (train, test)
    )
    leaks = ""
    if not is_drawn_here:
        train, leaks = _find_leaks(train, test, options.drop_copies)
    return train, test, source, leaks


def _read(path: str, options: argparse.Namespace, **more: Any) -> Bunch:
    return load_image_folder(
        path,
        layout=options.layout,
        groups=options.groups,
        csv=options.csv,
        fold_case=options.fold_case,
        **more,
    )


def _official_parts(data: Bunch) -> tuple[Bunch, Bunch, str]:
    """Take the parts that the folders name, rather than drawing new ones."""
    there = sorted(set(data.split.tolist()))
    test = next((name for name in ("test", "validation") if name in there), None)
    if "train" not in there or test is None:
        raise ValueError(
            f"The folder has the parts {there}; skfer compare needs train and "
            "test or validation. Pass two folders: skfer compare TRAIN --test TEST."
        )
    unused = [name for name in there if name not in ("train", test)]
    names = f"its part {test} tested on" + "".join(f", {n} not used" for n in unused)
    train_rows, test_rows = data.split == "train", data.split == test
    return _cut(data, train_rows), _cut(data, test_rows), names


def _cut(part: Bunch, rows: np.ndarray) -> Bunch:
    fields = [name for name in ("X", "paths", "target", "groups") if name in part]
    values = ((name, part[name]) for name in fields)
    return Bunch(**{k: None if v is None else v[rows] for k, v in values})


def _find_leaks(train: Bunch, test: Bunch, drop_copies: bool) -> tuple[Bunch, str]:
    """Look for copies and people on both sides of parts that were not drawn here."""
    n_train = len(train.target)
    numbers = find_twins(np.concatenate([train.X, test.X]))
    copies = np.isin(numbers[:n_train], numbers[n_train:])
    told = []
    if copies.any() and drop_copies:
        train = _cut(train, ~copies)
        told.append(
            f"Left out of the training: {copies.sum():,} copies of images to test on."
        )
    elif copies.any():
        told.append(
            f"Results are too good: {copies.sum():,} of the images trained on are "
            "copies of images to test on. --drop-copies leaves them out."
        )
    if train.groups is not None:
        both = set(train.groups.tolist()) & set(test.groups.tolist())
        if both:
            told.append(
                f"Results are too good: {len(both):,} groups lie in both parts."
            )
    return train, " ".join(told)


def _make(name: str, options: argparse.Namespace) -> Any:
    size = (options.image_size, options.image_size)
    if name == "lbp-svm":
        return make_lbp_svm(image_size=size, n_jobs=-1)
    if name == "hog-svm":
        return make_hog_svm(image_size=size, n_jobs=-1)
    epochs = {} if options.epochs is None else {"epochs": options.epochs}
    return make_cnn(
        image_size=size, n_jobs=-1, random_state=options.random_state, **epochs
    )


def _audit(options: argparse.Namespace) -> int:
    console = Console()
    _check_file(options.report, "--report")
    _check_file(options.keep, "--keep")
    paths = {"train": options.path, "test": options.against}
    parts = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The summary says the same.
        for name, path in paths.items():
            if path:
                parts[name] = _read(path, options, on_error="keep")
    split = parts["train"].split
    if options.against:
        split = np.repeat([*parts], [len(part.paths) for part in parts.values()])
    for part in parts.values():
        console.print(escape(part.summary), soft_wrap=True)
    groups = [part.groups for part in parts.values()]
    audit = audit_images(
        np.concatenate([part.paths for part in parts.values()]),
        np.concatenate([part.target for part in parts.values()]),
        groups=None if groups[0] is None else np.concatenate(groups),
        split=split,
    )
    table = Table(title=f"{len(audit.names):,} images audited", show_lines=True)
    for column in ("finding", "images", "what it means"):
        table.add_column(column, justify="right" if column == "images" else "left")
    for finding in audit.findings:
        style = "[bold red]" if finding.serious else "[bold]"
        n = len({row for rows in finding.rows for row in rows})
        table.add_row(f"{style}{finding.kind}[/]", f"{n:,}", escape(finding.message))
    console.print(table)
    if options.report:
        file = save_audit(audit, options.report)
        console.print(f"Written to {escape(str(file))}", soft_wrap=True)
    if options.keep:
        kept = "".join(f"{audit.names[row]}\n" for row in audit.keep())
        Path(options.keep).write_text(kept, encoding="utf-8")
        console.print(f"Written to {escape(options.keep)}", soft_wrap=True)
    verdict = "Nothing serious was found"
    if not audit.is_sound:
        verdict = (
            "SERIOUS: results measured on these images would mean nothing, for the "
            "reasons in red"
        )
    console.print(
        f"{verdict}. {len(audit.keep()):,} images are worth keeping.", soft_wrap=True
    )
    return 0 if audit.is_sound else 1


def _print_table(console: Console, comparison: Comparison) -> None:
    table = Table(title="Best first; in brackets the 95 % interval")
    table.add_column("model", no_wrap=True)
    for title in ("accuracy", "macro F1", "fit\nseconds", "predict\nimages/s"):
        table.add_column(title, justify="right", no_wrap=True)
    for score in comparison.scores:
        timed = score.model != MAJORITY
        table.add_row(
            score.model,
            show_interval(score.accuracy, score.accuracy_low, score.accuracy_high),
            show_interval(score.macro_f1, score.macro_f1_low, score.macro_f1_high),
            f"{score.fit_seconds:,.1f}" if timed else "",
            f"{score.predict_images_per_second:,.0f}" if timed else "",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
