import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from skfer.datasets import audit_images, make_faces


@pytest.fixture(scope="module")
def audit():
    faces = make_faces(60, n_subjects=60, n_copies=3, n_thumbnails=2, random_state=0)
    split = np.repeat(["train", "test"], 30)
    return audit_images(faces.images, faces.target, split=split)


def test_serious_findings_come_first(audit):
    marks = [finding.serious for finding in audit.findings]
    assert marks == sorted(marks, reverse=True)
    assert audit.summary.splitlines()[0] == "60 images audited, people unknown"
    assert audit.summary.splitlines()[1].startswith("SERIOUS: copies across split")
    assert repr(audit) == f"<ImageAudit of 60 images, {len(audit.findings)} findings>"


def test_the_frame_has_a_row_for_each_image_of_a_finding(audit):
    frame = audit.to_frame()
    assert list(frame) == ["kind", "serious", "group", "row", "name"]
    exact = frame[frame.kind == "exact copies"]
    assert len(exact) == 6
    assert exact.groupby("group").row.apply(list).tolist() == [
        rows for f in audit.findings if f.kind == "exact copies" for rows in f.rows
    ]


def test_without_pandas_the_frame_is_refused(audit, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        audit.to_frame()


def test_the_plot_has_a_bar_for_each_finding(audit):
    axes = audit.plot()
    try:
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert labels == [finding.kind for finding in audit.findings][::-1]
        widths = dict(
            zip(labels, [bar.get_width() for bar in axes.patches], strict=True)
        )
        assert widths["exact copies"] == 6
        assert audit.plot(ax=axes) is axes
    finally:
        plt.close(axes.figure)


def test_keep_leaves_one_of_each_group(audit):
    kept = audit.keep()
    assert len(kept) == 55
    assert len(set(audit.copies[kept])) == 55
    assert audit.table.fingerprints.width[kept].min() == 48


def test_keep_never_empties_a_class_and_warns_before_it_halves_one():
    faces = make_faces(40, n_subjects=40, classes=["happy"], random_state=0)
    small = [np.asarray(Image.fromarray(i).reduce(2)) for i in faces.images[:6]]
    images = [*faces.images, *small]
    target = ["happy"] * 40 + ["smile"] * 6
    audit = audit_images(images, target)
    with pytest.warns(
        UserWarning, match=r"half of a class or less is left: smile \(1 of 6\)"
    ):
        kept = audit.keep()
    assert kept.tolist() == [*range(40), 40]
