"""The audit of a comparison knows what its folds did."""

import numpy as np
from sklearn.naive_bayes import GaussianNB

from skfer import make_hog_svm
from skfer.datasets import ImageTable, make_faces
from skfer.model_selection import compare_pipelines

ROWS = np.arange(100)


def compare(cv):
    faces = make_faces(100, classes=["happy", "sad"], n_copies=30, random_state=0)
    table = ImageTable(faces.images, faces.target)
    return compare_pipelines({"hog": make_hog_svm(image_size=24)}, table, cv=cv)


def find(audit, kind):
    return next(finding for finding in audit.findings if finding.kind == kind)


def test_copies_are_serious_only_where_folds_separate_them():
    mixed = [(ROWS[::2], ROWS[1::2]), (ROWS[1::2], ROWS[::2])]
    ours, theirs = compare(2).audit, compare(mixed).audit
    assert ours.is_sound and not theirs.is_sound
    assert not find(ours, "copies without groups").serious
    assert find(theirs, "copies without groups").serious


def test_a_single_test_part_is_audited_as_such():
    comparison = compare([(ROWS[:50], ROWS[50:90])])
    audit = comparison.audit
    assert audit is comparison.audit  # It is made once.
    assert len(audit.names) == 50 + comparison.n_images < 90
    # Each photograph counts once.
    n_test = int((audit.table.split == "test").sum())
    assert n_test == comparison.n_images


def test_rows_of_features_have_none():
    faces = make_faces(100, random_state=0)
    table = ImageTable(faces.data, faces.target)
    halves = [(ROWS[:50], ROWS[50:])]
    assert compare_pipelines({"nb": GaussianNB()}, table, cv=halves).audit is None
