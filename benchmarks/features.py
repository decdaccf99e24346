"""HOG, LBP and resizing against scikit-image and OpenCV."""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.color import rgb2gray
from skimage.feature import hog, local_binary_pattern
from skimage.transform import resize

from benchmarks._photos import load_photos
from benchmarks._timing import Result, compare, find_peer, missing, time_in_turn
from skfer import GrayscaleResizer, HOGTransformer, ImageLoader, LBPTransformer
from skfer.datasets import load_image_folder, make_faces

_N_IMAGES = 1000
_N_COPIES = 10
_N_PEER_IMAGES = 100  # scikit-image takes ten times as long as anything else here.


def run(folder: Path | None = None, rounds: int = 7) -> list[Result]:
    """Time each transformer on 48x48 faces, drawn ones or those of a folder."""
    faces = load_faces(folder)
    return [*_time_hog(faces, rounds), *_time_lbp(faces, rounds), *_time_resize(rounds)]


def load_faces(folder: Path | None, n_images: int = _N_IMAGES) -> np.ndarray:
    """Faces of shape (n, 48, 48), uint8."""
    if folder is None:
        return make_faces(n_images, random_state=0).images
    paths = load_image_folder(folder).paths
    chosen = np.random.default_rng(0).permutation(paths)[:n_images]
    images = ImageLoader(mode="L").fit_transform(chosen)
    return GrayscaleResizer().fit_transform(images)


def _time_hog(faces: np.ndarray, rounds: int) -> list[Result]:
    ours = HOGTransformer().fit(faces)
    # As in make_hog_svm; square roots have too many differences for a table.
    rooted = HOGTransformer(transform_sqrt=True).fit(faces)
    some = faces[:_N_PEER_IMAGES]
    contestants = {
        "ours": lambda: ours.transform(faces),
        "skimage": lambda: [hog(face, 9, (8, 8), (2, 2)) for face in some],
        "rooted": lambda: rooted.transform(some),
        "skimage rooted": lambda: [
            hog(face, 9, (8, 8), (2, 2), transform_sqrt=True) for face in some
        ],
    }
    if cv2 := find_peer("cv2"):
        descriptor = cv2.HOGDescriptor((48, 48), (16, 16), (8, 8), (8, 8), 9)
        contestants["cv2"] = lambda: [descriptor.compute(face) for face in faces]
    seconds = time_in_turn(contestants, rounds)
    job, mine = "HOG", seconds["ours"] / len(faces)
    name = "OpenCV HOGDescriptor.compute"
    return [
        compare(job, mine, "skimage.feature.hog", seconds["skimage"] / len(some), 25),
        compare(job, mine, name, seconds["cv2"] / len(faces), 1)
        if cv2
        else missing(job, name, "1 times"),
        compare(
            "HOG of square roots",
            seconds["rooted"] / len(some),
            "skimage.feature.hog(transform_sqrt=True)",
            seconds["skimage rooted"] / len(some),
            2,
        ),
    ]


def _time_lbp(faces: np.ndarray, rounds: int) -> list[Result]:
    ours = LBPTransformer().fit(faces)
    some = faces[:_N_PEER_IMAGES]
    cell = np.arange(48) // 8
    offsets = 10 * (cell[:, np.newaxis] * 6 + cell)

    def histogram(face: np.ndarray) -> np.ndarray:
        codes = local_binary_pattern(face, 8, 1, "uniform").astype(np.intp)
        return np.bincount((codes + offsets).ravel(), minlength=360) / 64

    seconds = time_in_turn(
        {
            "ours": lambda: ours.transform(faces),
            "skimage": lambda: [histogram(face) for face in some],
        },
        rounds,
    )
    return [
        compare(
            "LBP",
            seconds["ours"] / len(faces),
            "skimage local_binary_pattern + numpy.bincount",
            seconds["skimage"] / len(some),
            25,
        )
    ]


def _time_resize(rounds: int) -> list[Result]:
    photos = [
        np.asarray(Image.fromarray(photo).resize((640, 480))) for photo in load_photos()
    ]
    many = photos * _N_COPIES
    ours = GrayscaleResizer((48, 48)).fit(photos)

    def peer() -> np.ndarray:
        gray = [rgb2gray(photo) for photo in photos]
        small = [resize(image, (48, 48), anti_aliasing=True) for image in gray]
        return 255 * np.array(small)

    seconds = time_in_turn(
        {"ours": lambda: ours.transform(many), "skimage": peer}, rounds
    )
    difference = np.abs(ours.transform(photos) - peer()).mean(axis=(1, 2)).max()
    return [
        compare(
            "grey + resize of 640x480",
            seconds["ours"] / len(many),
            "skimage rgb2gray + resize(anti_aliasing=True)",
            seconds["skimage"] / len(photos),
            20,
        ),
        Result(
            "the same, mean difference",
            "-",
            "of four photographs the largest",
            f"{difference:.2f} grey levels",
            "under 1.5",
            bool(difference < 1.5),
        ),
    ]
