import pytest
from sklearn.exceptions import NotFittedError

from skfer import CNNClassifier
from skfer.inspection import TrainingHistoryDisplay

HISTORY = {
    "loss": [1.5, 1.0, 0.8], "accuracy": [0.3, 0.6, 0.7],
    "val_loss": [1.6, 1.1, 1.2], "val_accuracy": [0.2, 0.5, 0.4],
}  # fmt: skip


def test_curves_show_the_numbers():
    display = TrainingHistoryDisplay({"": HISTORY}, {"": 2}).plot()
    loss, accuracy = display.ax_
    training, validation, kept = loss.get_lines()
    assert training.get_ydata().tolist() == HISTORY["loss"]
    assert validation.get_ydata().tolist() == HISTORY["val_loss"]
    assert list(training.get_xdata()) == [1, 2, 3]
    assert kept.get_xdata() == [2, 2]
    assert [text.get_text() for text in accuracy.get_legend().get_texts()] == [
        "training", "validation", "best epoch"
    ]  # fmt: skip


def test_from_estimator(tiny_cnn, fitted_hog_svm):
    display = TrainingHistoryDisplay.from_estimator(tiny_cnn)
    assert display.histories == {"": tiny_cnn.history_}
    with pytest.raises(ValueError, match="got a SVC, which keeps no history"):
        TrainingHistoryDisplay.from_estimator(fitted_hog_svm)
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(CNNClassifier())


def test_given_axes_are_used():
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    display = TrainingHistoryDisplay({"": HISTORY}).plot(ax=axes)
    assert display.ax_.tolist() == axes.tolist()
    assert display.figure_ is axes[0].figure


def test_several_runs_have_names_and_colours(tiny_cnn):
    other = {"loss": [2.0, 1.5], "accuracy": [0.2, 0.4]}
    display = TrainingHistoryDisplay({"a": HISTORY, "b": other}).plot()
    lines = display.ax_[0].get_lines()
    assert [line.get_label() for line in lines] == [
        "a, training", "a, validation", "b, training"
    ]  # fmt: skip
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    both = TrainingHistoryDisplay.from_estimators({"x": tiny_cnn, "y": tiny_cnn})
    assert list(both.histories) == ["x", "y"]
