import json
import re
from pathlib import Path

import pytest

from benchmarks import readme
from skfer.cli._main import _make_parser as make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_of_the_readme_runs(face_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.S))
    names = {}
    exec(code.replace('"path/to/folder"', repr(str(face_folder))), names)
    assert names["model"].score(names["test"].X, names["test"].target) > 0.5


def test_the_readme_is_one_screen_and_a_half():
    assert len(README.splitlines()) <= 120
    (picture,) = re.findall(r"!\[.+?\]\((.+?)\)", README, re.S)
    assert (ROOT / picture).exists()


def test_the_tables_of_the_readme_are_those_of_the_benchmarks():
    tables = readme.make_tables(json.loads(readme.RESULTS.read_text()))
    for name, table in tables.items():
        assert f"<!-- {name} -->\n{table}<!-- end of {name} -->" in README


def test_figures_are_kept_by_name_and_shown_in_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(readme, "RESULTS", tmp_path / "results.json")
    one = {"n_images": 9, "n_people": 3, "transfer": "80%", "hog-svm": "70%"}
    for name in ("web", "KDEF", "CK+48"):
        readme.record(f"small, {name}", "a command", one)
    readme.record("small, web", "a command", {**one, "n_people": None, "n_images": 7})
    two = {"accuracy": "60% (58% to 62%)", "predict_images_per_second": 1234}
    for name in ("lbp-svm", "hog-svm", "fast", "default"):
        for what in ("kept", "removed"):
            figures = {**two, "fit_seconds": "123.4"}
            readme.record(f"fer2013, {name}, copies {what}", "a command", figures)
    results = json.loads(readme.RESULTS.read_text())
    assert results["small, web"]["command"] == "a command"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", results["small, web"]["date"])
    tables = readme.make_tables(results)
    assert (
        "| 7 photographs from a web search, happy or sad | unknown | 80% | 70% |"
        in (tables["small"])
    )
    assert "3, each on one side" in tables["small"]
    assert "60% (58% to 62%) | 2 min | 1,234 |" in tables["fer2013"]
    page = "a\n<!-- small -->\nold\n<!-- end of small -->\nb\n"
    page = readme.replace_table(page, "small", tables["small"])
    assert page.startswith("a\n<!-- small -->\n| pictures") and page.endswith(
        "-->\nb\n"
    )
    assert readme.replace_table(page, "small", tables["small"]) == page
    with pytest.raises(ValueError, match="0 places for the table 'fer2013'"):
        readme.replace_table(page, "fer2013", "")


def test_every_option_of_the_command_is_in_the_guide_and_the_reverse():
    guide = (ROOT / "docs" / "guide" / "commands.md").read_text()
    shown = set(re.findall(r"--[a-z][a-z-]*", guide))
    commands = make_parser()._subparsers._group_actions[0].choices.values()
    actions = [action for command in commands for action in command._actions]
    there = {option for action in actions for option in action.option_strings}
    assert {option for option in there if option.startswith("--")} - {"--help"} <= shown
    assert shown <= there


def test_ci_calls_the_test_command_only():
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert len(commands) == 1
    assert commands[0].endswith("exec make test")
