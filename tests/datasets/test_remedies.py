"""Each kind of finding has a remedy, which is a command that there is."""

import re
import shlex
from pathlib import Path

import pytest

from skfer.cli._main import _make_parser
from skfer.datasets import Finding, _audit, _face_findings
from skfer.datasets._remedies import _REMEDIES, find_remedies, find_remedy


def test_each_kind_that_there_is_has_one():
    kinds = set()
    for module in (_audit, _face_findings):
        source = Path(module.__file__).read_text()
        kinds |= set(re.findall(r'Finding\(\s*"([a-z -]+)"', source))
        kinds |= set(re.findall(r'^        \(\s*"([a-z -]+)",', source, re.M))
    assert kinds == set(_REMEDIES)


@pytest.mark.parametrize("kind", _REMEDIES)
def test_a_remedy_is_a_command(kind):
    remedy = find_remedy(kind)
    assert remedy.certainty in ("certain", "likely", "look")
    assert remedy.text.endswith(".")
    if remedy.command:
        skfer, *arguments = shlex.split(remedy.command)
        assert skfer == "skfer"
        _make_parser().parse_args(arguments)
    if remedy.code:
        compile(remedy.code, kind, "exec")


def test_unknown_kinds_are_to_be_looked_at():
    assert find_remedy("odd").certainty == "look"


def test_one_audit_cleans_in_one_way():
    findings = [Finding(kind, False, "", []) for kind in ("blank", "tiny classes")]
    assert [one.command for one in find_remedies(findings)] == [
        "skfer clean FOLDER FOLDER-clean", ""
    ]  # fmt: skip
    findings.append(Finding("no face", True, "", []))
    commands = [one.command for one in find_remedies(findings)]
    assert commands[0] == commands[2] == "skfer clean FOLDER FOLDER-faces --faces"
    assert find_remedies([]) == []
