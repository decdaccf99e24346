"""What all displays promise: no global state, no open figures."""

import subprocess
import sys

CODE = """
import matplotlib
from matplotlib import pyplot
from skfer.datasets import make_faces
before = dict(matplotlib.rcParams)
from skfer.inspection import *
faces = make_faces(70, random_state=0)
SampleFacesDisplay.from_images(faces.images, faces.target)
ClassBalanceDisplay.from_labels(faces.target)
ConfusionFacesDisplay.from_predictions(faces.target, faces.target, faces.images)
assert dict(matplotlib.rcParams) == before
assert pyplot.get_fignums() == []
"""


def test_nothing_global_changes_and_no_figure_stays_open():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
