"""The record and its tables."""

from tests.model_selection.made_up import make


def test_the_summary_and_the_tables():
    comparison = make({"cnn": 0.95, "hog": 0.7})
    lines = comparison.summary.splitlines()
    assert lines[0].split()[:2] == ["model", "accuracy"]
    assert lines[1].split()[:3] == ["cnn", "95.0%", "(89.5"]
    assert lines[3].split()[0] == "majority"
    assert len(lines[3]) < len(lines[1])  # The majority has no seconds.
    assert lines[4] == "120 test pictures, people unknown"
    assert lines[5].startswith("cnn - hog: +25.0%, p < 0.001")
    assert lines[-1] == comparison.verdict
    frame = comparison.to_frame()
    assert frame.model.tolist() == ["cnn", "hog", "majority"]
    assert frame["recall sad"].tolist()[2] == 0
    assert frame.megabytes.tolist() == [1.5] * 3
    assert [list(row) for row in comparison.to_rows()] == [list(frame)] * 3


def test_comparisons_are_compared_by_identity():
    first, second = make({"a": 0.9}), make({"a": 0.9})
    assert first == first
    assert first != second
    assert repr(first) == "<Comparison of a on 120 images>"
