import numpy as np
import pytest
from PIL import Image
from skimage import data


@pytest.fixture(scope="session")
def astronaut():
    """A photograph that scikit-image ships: 512 by 512 pixels, one face."""
    return data.astronaut()


@pytest.fixture(scope="session")
def no_face():
    """A photograph without a face."""
    return data.coffee()


@pytest.fixture(scope="session")
def photos(astronaut, no_face, tmp_path_factory):
    """Files with and without a face, and what they hold."""
    folder = tmp_path_factory.mktemp("photos")
    images = [astronaut, no_face, astronaut[:300, 100:420], np.flip(astronaut, axis=1)]
    paths = []
    for number, image in enumerate(images):
        paths.append(str(folder / f"{number}.png"))
        Image.fromarray(image).save(paths[-1])
    return paths, images
