"""The page of licences names the files that are read."""

import hashlib
from pathlib import Path

from skfer.faces import _blaze_face

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "licences.md"


def test_the_page_has_the_hash_of_each_file():
    source = Path(_blaze_face.__file__).read_text()
    text = PAGE.read_text()
    listed = [line.split("|") for line in text.splitlines() if ".tflite`" in line]
    assert len(listed) == 2
    for _, name, *_, digest, _ in listed:
        file = name.strip(" `")
        assert f'"{file}"' in source
        content = _blaze_face._find_model(file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest.strip(" `")
