"""Labels that were made wrong on purpose come first, judged by models without them."""

import numpy as np
import pytest
from sklearn.model_selection import ShuffleSplit, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from skfer import HOGTransformer, make_hog_svm
from skfer.datasets import ImageTable, find_copies, make_faces
from skfer.model_selection import LeakFreeKFold, find_label_issues


@pytest.fixture(scope="module")
def noisy():
    return make_faces(420, label_noise=0.1, random_state=0)


def test_wrong_labels_come_first(noisy):
    issues = find_label_issues(noisy, make_hog_svm(image_size=24))
    wrong = noisy.is_mislabelled
    assert wrong[issues.rows[:20]].mean() >= 0.8 > 5 * wrong.mean()
    assert (issues.margin[:-1] >= issues.margin[1:]).all()
    assert (issues.label == noisy.target[issues.rows]).all()
    assert (issues.label != issues.suggestion).all()
    frame = issues.to_frame()
    assert list(frame) == ["row", "label", "suggestion", "margin"]
    assert len(frame) == len(issues)


@pytest.mark.slow
def test_images_are_judged_by_models_that_have_not_seen_them(noisy):
    model = make_pipeline(HOGTransformer(), GaussianNB())
    # Without copies, whose shares are averaged.
    noisy = noisy[np.unique(find_copies(noisy), return_index=True)[1]]
    issues = find_label_issues(noisy, model)
    predicted = cross_val_predict(
        model, noisy.images, noisy.target, groups=noisy.groups,
        cv=list(LeakFreeKFold(5).split(noisy)),
    )  # fmt: skip
    assert set(issues.rows) == set(np.flatnonzero(predicted != noisy.target))
    np.testing.assert_array_equal(issues.suggestion, predicted[issues.rows])
    by_arrays = find_label_issues(
        noisy.images, model, noisy.target, groups=noisy.groups
    )
    np.testing.assert_array_equal(by_arrays.rows, issues.rows)


def test_the_labels_of_copies_count():
    """A copy with another label is the strongest hint."""
    faces = make_faces(60, classes=["happy", "sad"], n_subjects=60, random_state=0)
    copies = [0, 0, 0, 0, 0]
    images = np.concatenate([faces.images, faces.images[copies]])
    other = "sad" if faces.target[0] == "happy" else "happy"
    target = np.append(faces.target, [other] * 5)
    issues = find_label_issues(images, make_hog_svm(image_size=24), target)
    # Five of the six say so, whatever the model thinks.
    assert issues.rows[0] in range(60)
    assert 0 in issues.rows
    assert issues.suggestion[issues.rows == 0] == [other]
    assert not set(range(60, 65)) & set(issues.rows.tolist())


def test_bad_input_is_explained(noisy):
    model = make_pipeline(HOGTransformer(), GaussianNB())
    with pytest.raises(ValueError, match="needs labels, got none"):
        find_label_issues(noisy.images, model)
    with pytest.raises(ValueError, match=r"test each image once, but cv tests row \d+"):
        find_label_issues(
            noisy.images, model, noisy.target, cv=ShuffleSplit(2, random_state=0)
        )
    with pytest.raises(ValueError, match="an ImageTable, and the labels as well"):
        find_label_issues(noisy, model, noisy.target)


def test_paths_stand_in_the_frame(tmp_path):
    from PIL import Image

    faces = make_faces(40, classes=["happy", "sad"], label_noise=0.2, random_state=0)
    paths = []
    for number, image in enumerate(faces.images):
        paths.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(image).save(paths[-1])
    table = ImageTable(paths, faces.target)
    issues = find_label_issues(table, make_hog_svm(image_size=24), cv=LeakFreeKFold(2))
    assert issues.to_frame().path.tolist() == [paths[row] for row in issues.rows]


def test_images_are_not_judged_by_models_that_saw_them(noisy):
    rows = np.arange(len(noisy))
    folds = [(rows, rows[::2]), (rows[::2], rows[1::2])]
    with pytest.raises(ValueError, match="210 images in both the training"):
        find_label_issues(noisy, GaussianNB(), cv=folds)
    with pytest.raises(ValueError, match="find_label_issues got no folds"):
        find_label_issues(noisy, GaussianNB(), cv=[])
