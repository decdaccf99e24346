"""The fault harness: a quick part of it, and that it sees what is wrong."""

import time

import numpy as np
import pytest

from benchmarks import faults
from benchmarks._fault_cases import Case, SilentError, judge
from skfer import HOGTransformer


# The seed of the disks draws no case that needs a network.
@pytest.mark.parametrize(
    ("group", "n", "seed"),
    [
        ("files", 60, 5),
        ("arrays", 60, 5),
        ("depths", 100, 5),
        pytest.param("disks", 5, 25, marks=pytest.mark.slow),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_hostile_cases_are_answered_or_refused(group, n, seed, capsys):
    status = faults.main([group, "--cases", str(n), "--seed", str(seed)])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert f"│ {group}" in printed and f"│ {n} " in printed


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("group", "n"), [("kills", 5), ("pairs", 3)])
def test_disturbed_processes_end_as_undisturbed_ones(group, n, capsys):
    assert faults.main([group, "--cases", str(n)]) == 0, capsys.readouterr().out


def raise_(error):
    raise error


def test_what_is_wrong_is_seen(tmp_path):
    def end(run, **options):
        return judge(Case("files", "case", run, **options), tmp_path)

    assert end(lambda folder: None) == ("answered", "")
    refused = end(lambda folder: HOGTransformer().fit("face.png"))
    assert refused[0] == "refused" and "Pass [path]" in refused[1]
    lost = SilentError("3 files, 2 accounted for")
    assert end(lambda folder: raise_(lost)) == ("unhandled", f"silent: {lost}")
    # Raised far from skfer, or too short to say what to do.
    for error in (ValueError("shapes are not aligned, 3 and 4"), KeyError("labels")):
        outcome, detail = end(lambda folder, error=error: raise_(error))
        assert outcome == "unhandled" and "test_faults.py, line" in detail
    full = OSError(28, "No space left on device")
    assert end(lambda folder: raise_(full))[0] == "unhandled"
    assert end(lambda folder: raise_(full), may_fail_elsewhere=True)[0] == "refused"
    assert "not over after" in end(lambda folder: time.sleep(30), seconds=1)[1]


def test_a_case_that_ends_wrongly_is_printed(monkeypatch, capsys):
    def make_cases(rng):
        while True:
            yield Case("files", f"a{rng.integers(9)}\n", lambda folder: raise_(lost))

    lost = SilentError("lost")
    monkeypatch.setitem(faults.GROUPS, "files", (make_cases, 2))
    assert faults.main(["files"]) == 1
    printed = capsys.readouterr().out
    first = np.random.default_rng(0).integers(9)
    assert f"'files: a{first}\\n: silent: lost'" in printed
