"""Labels in the form of probabilities."""

import numpy as np
import pytest

from skfer import CNNClassifier
from tests.conftest import TINY_NETWORK


def fit(data, soft_labels, **params):
    classifier = CNNClassifier(**(TINY_NETWORK | params))
    return classifier.fit(data.images, data.target, soft_labels=soft_labels)


def hard(data):
    return (data.target[:, None] == np.unique(data.target)).astype(float)


def test_certain_soft_labels_are_hard_labels(two_classes, tiny_cnn):
    np.testing.assert_array_equal(
        fit(two_classes, hard(two_classes)).predict_proba(two_classes.images),
        tiny_cnn.predict_proba(two_classes.images),
    )


@pytest.mark.slow
def test_soft_labels_are_what_is_learnt(two_classes):
    """Votes that are the opposite of y, and not unanimous."""
    votes = np.where(hard(two_classes) == 1, 0.2, 0.8)
    classifier = fit(
        two_classes, votes, epochs=30, head="flatten", augment=None, label_smoothing=0.0
    )
    assert classifier.score(two_classes.images, two_classes.target) < 0.1
    certainty = classifier.predict_proba(two_classes.images).max(axis=1)
    assert 0.7 < np.median(certainty) < 0.9


def test_soft_labels_are_not_changed(two_classes):
    votes = hard(two_classes)
    kept = votes.copy()
    votes.flags.writeable = False
    fit(two_classes, votes, class_weight="balanced", early_stopping=True)
    np.testing.assert_array_equal(votes, kept)


def test_votes_that_are_no_probabilities_are_refused(two_classes):
    votes = hard(two_classes)
    with pytest.raises(ValueError, match="adds up to 10. Divide votes"):
        fit(two_classes, 10 * votes)
    with pytest.raises(ValueError, match="none below 0"):
        fit(two_classes, votes * 3 - 1)
    with pytest.raises(ValueError, match=r"shape \(48, 2\) .*got \(48, 3\)"):
        fit(two_classes, np.full((48, 3), 1 / 3))
    with pytest.raises(ValueError, match="soft_labels contains NaN"):
        fit(two_classes, np.full((48, 2), np.nan))


def test_a_negative_vote_is_named(two_classes):
    votes = hard(two_classes)
    votes[7] = [-1, 2]
    with pytest.raises(ValueError, match="row 7 has values from -1 and adds up to 1"):
        fit(two_classes, votes)


@pytest.mark.slow
def test_early_stopping_stratifies_by_the_labels(two_classes):
    """Not by the votes, of which one class may win none."""
    votes = np.tile([0.6, 0.4], (48, 1))
    votes[0] = [0.3, 0.7]
    classifier = fit(two_classes, votes, early_stopping=True)
    assert len(classifier.history_["val_loss"]) == 2


def test_images_without_weight_do_not_validate(two_classes, monkeypatch):
    from skfer.neural import _training

    weight = np.tile([0.0, 1.0], 24)
    silent = {image.tobytes() for image in two_classes.images[weight == 0]}
    sides = []

    def spy(model, training, validation, **options):
        sides.extend([training, validation])
        return run(model, training, validation, **options)

    run = _training.run_training
    monkeypatch.setattr(_training, "run_training", spy)
    CNNClassifier(**TINY_NETWORK, early_stopping=True, validation_fraction=0.5).fit(
        two_classes.images, two_classes.target, sample_weight=weight
    )
    for side in sides:
        assert len(side.images)
        assert not silent & {image.tobytes() for image in side.images}


def test_early_stopping_needs_every_class_in_both_parts(two_classes, fake_training):
    """With few groups, whole ones may leave a class out of the validation part."""
    target = two_classes.target
    number = np.arange(len(target))
    groups = [f"{label}{n % 2}" for label, n in zip(target, number, strict=True)]
    classifier = CNNClassifier(epochs=1, early_stopping=True, validation_fraction=0.05)
    refused = 0
    for seed in range(8):
        try:
            classifier.set_params(random_state=seed)
            classifier.fit(two_classes.images, target, groups=groups)
        except ValueError as error:
            assert "found no images of" in str(error)
            refused += 1
    assert refused
