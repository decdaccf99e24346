"""Time and memory against the number of images."""

from statistics import median

import numpy as np

from benchmarks._memory import measure_peak
from benchmarks._timing import Result, per_image, time_in_turn
from skfer import CNNClassifier, GrayscaleResizer, HOGTransformer, LBPTransformer
from skfer.datasets import make_faces

_SIZES = (1_000, 10_000, 30_000)
_SPREAD = 0.15
_MEMORY_MB = 200
_PREPARE = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
from skfer import CNNClassifier, GrayscaleResizer, HOGTransformer, LBPTransformer
from skfer.datasets import make_faces
faces = make_faces(700, random_state=0)
job = {job}.fit(faces.images, faces.target)
do = getattr(job, "transform", None) or job.predict_proba
do(faces.images)
images = np.resize(faces.images, ({n}, 48, 48))
images.sum()
room = np.ones((len(images), *do(faces.images[:1]).shape[1:]), np.float32)
"""
# The output is not counted: its room is taken before, and given back just in time.
_ACT = "del room\nout = do(images)"
_JOBS = {
    "HOG": "HOGTransformer()",
    "LBP": "LBPTransformer()",
    "grey + resize to 24x24": "GrayscaleResizer((24, 24))",
    "predict": "CNNClassifier(epochs=1)",
}


def run(rounds: int = 5) -> list[Result]:
    """Time each job at each size, then its memory at the largest."""
    faces = make_faces(700, random_state=0)
    images = np.resize(faces.images, (_SIZES[-1], 48, 48))
    jobs = {
        "HOG": HOGTransformer(),
        "LBP": LBPTransformer(),
        "grey + resize to 24x24": GrayscaleResizer((24, 24)),
        "predict": CNNClassifier(epochs=1, random_state=0),
    }
    results = []
    for name, job in jobs.items():
        job.fit(faces.images, faces.target)
        do = getattr(job, "transform", None) or job.predict_proba
        seconds = time_in_turn(
            {str(size): lambda do=do, size=size: do(images[:size]) for size in _SIZES},
            rounds,
        )
        each = [seconds[str(size)] / size for size in _SIZES]
        spread = max(abs(one / median(each) - 1) for one in each)
        results.append(
            Result(
                f"{name}: 1,000, 10,000 and 30,000 images",
                ", ".join(map(per_image, each)),
                "farthest from the median",
                f"{spread:.0%}",
                f"within {_SPREAD:.0%}",
                spread <= _SPREAD,
            )
        )
        results.append(
            measure_peak(
                f"{name}: memory for 30,000 images above input and output",
                _PREPARE.format(job=_JOBS[name], n=_SIZES[-1]),
                _ACT,
                _MEMORY_MB,
            )
        )
    return results
