import pytest
from matplotlib.figure import Figure

from skfer.inspection import ClassBalanceDisplay


def test_counts_of_each_part():
    y = ["sad", "happy", "happy", "happy", "sad"]
    split = ["train", "train", "test", "train", "train"]
    display = ClassBalanceDisplay.from_labels(y, split)
    assert display.classes.tolist() == ["happy", "sad"]
    assert {k: v.tolist() for k, v in display.counts.items()} == {
        "train": [2, 2], "test": [1, 0]
    }  # fmt: skip
    assert [bar.get_width() for bar in display.ax_.patches] == [2, 2, 1, 0]
    labels = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert labels == ["happy", "sad"]
    legend = display.ax_.get_legend().get_texts()
    assert [text.get_text() for text in legend] == ["train", "test"]


def test_given_axes_and_one_part_without_a_legend():
    ax = Figure().subplots()
    display = ClassBalanceDisplay.from_labels([1, 2, 2], ax=ax)
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert ax.get_legend() is None


@pytest.mark.parametrize(("y", "split"), [([], None), (["a"], ["x", "y"])])
def test_bad_input(y, split):
    with pytest.raises(ValueError, match="as many parts as labels"):
        ClassBalanceDisplay.from_labels(y, split)
