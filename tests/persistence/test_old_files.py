"""Model files of every format so far are loaded, whatever the versions are by now."""

import numpy as np
import pytest

from skfer.persistence import load_model, read_card
from tests.persistence.write_files import FILES


# scikit-learn warns of files of other versions of it, as it should.
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
@pytest.mark.parametrize(
    "path", sorted(FILES.glob("*.skfer")), ids=lambda path: path.stem
)
def test_a_file_of_an_earlier_version_predicts_as_then(path):
    model, card = load_model(path), read_card(path)
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as then:
        probability = model.predict_proba(then["images"])
        assert np.allclose(probability, then["probability"], atol=1e-5)
        assert model.predict(then["images"]).astype(str).tolist() == (
            then["predicted"].tolist()
        )
    assert card.classes == ["happy", "sad", "surprise"]
    assert card.training["images"] == 60
    assert card.to_markdown().startswith("# ")


def test_there_are_such_files():
    assert len(list(FILES.glob("*-1.skfer"))) == 3
