"""A finding knows what to do about it, and can't be changed."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from skfer.datasets import Finding, audit_images
from skfer.datasets._remedies import find_remedy


def test_a_finding_of_an_audit_has_the_remedy_of_its_kind():
    images = np.zeros((1, 48, 48), np.uint8)
    (finding,) = audit_images(images).findings
    assert (finding.kind, finding.rows) == ("blank", [[0]])
    assert finding.remedy == find_remedy("blank")


def test_a_finding_is_a_record():
    finding = Finding("blank", True, "1 image shows nothing", [[3]])
    assert finding == Finding("blank", True, "1 image shows nothing", [[3]])
    with pytest.raises(FrozenInstanceError):
        finding.serious = False
