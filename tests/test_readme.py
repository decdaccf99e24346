import re
from pathlib import Path

from skfer.cli._main import _make_parser as make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_of_the_readme_runs(face_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.S))
    names = {}
    exec(code.replace('"path/to/folder"', repr(str(face_folder))), names)
    assert names["model"].score(names["test"].X, names["test"].target) > 0.5


def test_the_readme_is_one_screen():
    assert len(README.splitlines()) <= 120
    assert (ROOT / "docs" / "_static" / "faces.png").exists()


def test_the_table_of_the_readme_has_what_the_command_prints():
    for name in ("cnn", "transfer", "hog-svm", "lbp-svm", "majority"):
        assert re.search(rf"^│ {name} +│ +\d+\.\d% \(", README, re.M), name
    assert "better than always guessing the largest class (" in README


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
