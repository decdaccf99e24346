"""The page of licences names the files that are read."""

import hashlib
import re
from pathlib import Path

from skfer.faces import _blaze_face

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "licences.md"


def test_the_page_has_the_hash_of_each_file():
    source = Path(_blaze_face.__file__).read_text()
    text = PAGE.read_text()
    listed = re.findall(r"^(\S+\.tflite)\n  ([0-9a-f]{64})$", text, re.M)
    assert len(listed) == 2
    for file, digest in listed:
        assert f'"{file}"' in source and f"| `{file}` |" in text
        content = _blaze_face._find_model(file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
