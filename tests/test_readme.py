import re
from pathlib import Path

from skfer._arguments import make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_of_the_readme_runs(face_folder, monkeypatch, capsys):
    """With a network of one epoch and fewer folds, or it would take minutes."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.S))
    code = code.replace('"path/to/folder"', repr(str(face_folder)))
    code = code.replace("CNNClassifier()]", "CNNClassifier(epochs=1)]")
    code = code.replace("cv=5", "cv=2").replace("PCA(100)", "PCA(20)")
    code = code.replace("[1e-3, 3e-3]", "[3e-3]").replace("[0.3, 0.5]", "[0.3]")
    names = {}
    exec(code, names)
    assert names["search"].best_score_ > 0.1


def test_every_option_of_the_command_is_in_the_readme_and_the_reverse():
    shown = set(re.findall(r"--[a-z][a-z-]*", README))
    commands = make_parser()._subparsers._group_actions[0].choices.values()
    actions = [action for command in commands for action in command._actions]
    there = {option for action in actions for option in action.option_strings}
    assert {option for option in there if option.startswith("--")} - {"--help"} <= shown
    assert shown <= there


def test_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z]+)", README, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_ci_calls_the_test_command_only():
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert len(commands) == 1
    assert commands[0].endswith("exec make test")
