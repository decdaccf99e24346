"""How many copies are found, by kind.

``python -m benchmarks copies --pictures FOLDER [FOLDER ...]`` makes transformed copies
of some pictures of each folder, and looks for them among all of its pictures.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks._timing import Result
from skfer.datasets import ImageTable, find_copies, make_faces, read_images

_N_ORIGINALS = 400
_N_COPIES = 100


def _crop(left: float, top: float, right: float, bottom: float) -> Callable:
    def cut(image: Image.Image) -> Image.Image:
        width, height = image.size
        box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
        return image.crop(tuple(map(round, box)))

    return cut


def _save(image: Image.Image, quality: int) -> Image.Image:
    content = BytesIO()
    image.save(content, format="JPEG", quality=quality)
    return Image.open(content)


def _add_noise(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 10, np.asarray(image).shape)
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def _bend(exponent: float) -> Callable:
    curve = [round(255 * (value / 255) ** exponent) for value in range(256)]
    return lambda image: image.point(curve * len(image.getbands()))


def _frame(share: float, value: int) -> Callable:
    def add(image: Image.Image) -> Image.Image:
        border = tuple(round(side * share) for side in image.size)
        return ImageOps.expand(image, border, _ink(image, value))

    return add


def _ink(image: Image.Image, value: int) -> int | tuple[int, ...]:
    return value if image.mode == "L" else (value,) * 3


def _write(
    image: Image.Image, top: float, ground: int | None, ink: int, text: str
) -> Image.Image:
    image = image.copy()
    width, height = image.size
    begin, depth = round(height * top), round(height * 0.1)
    pen = ImageDraw.Draw(image)
    if ground is not None:
        pen.rectangle((0, begin, width, begin + depth - 1), fill=_ink(image, ground))
    size = max(4, int(depth * 0.8))
    pen.text((0.05 * width, begin), text, fill=_ink(image, ink), font_size=size)
    return image


def _bar_below(image: Image.Image) -> Image.Image:
    width, height = image.size
    taller = Image.new(image.mode, (width, round(height * 1.1)), _ink(image, 255))
    taller.paste(image)
    return _write(taller, 1 / 1.1, None, 0, "when it is monday")


def _watermark(image: Image.Image) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    width, height = image.size
    ImageDraw.Draw(mask).text(
        (0.1 * width, 0.45 * height), "PHOTO", fill=100, font_size=max(5, width // 5)
    )
    white = Image.new(image.mode, image.size, _ink(image, 255))
    return Image.composite(white, image, mask)


def _resize(width: float, height: float) -> Callable:
    return lambda image: image.resize(
        (round(image.width * width), round(image.height * height)), Image.LANCZOS
    )


#: Name, least recall that is wanted, and what makes the copy.
KINDS: list[tuple[str, float, Callable]] = [
    ("half the size", 0.95, _resize(0.5, 0.5)),
    ("32 by 32", 0.95, lambda image: image.resize((32, 32), Image.LANCZOS)),
    ("stretched", 0.95, _resize(1, 1.15)),
    ("grey", 0.95, ImageOps.grayscale),
    ("JPEG quality 20", 0.95, lambda image: _save(image, 20)),
    ("noise", 0.95, _add_noise),
    (
        "blurred",
        0.95,
        lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 48)),
    ),
    ("darker", 0.95, lambda image: ImageEnhance.Brightness(image).enhance(0.6)),
    ("brighter", 0.95, lambda image: ImageEnhance.Brightness(image).enhance(1.4)),
    ("gamma 2", 0.95, _bend(2)),
    ("gamma 0.5", 0.95, _bend(0.5)),
    ("more contrast", 0.95, lambda image: ImageEnhance.Contrast(image).enhance(1.5)),
    ("equalised", 0.95, ImageOps.equalize),
    ("watermark", 0.95, _watermark),
    ("crop 5%", 0.95, _crop(0.05, 0.05, 0.05, 0.05)),
    ("crop 10%", 0.90, _crop(0.1, 0.1, 0.1, 0.1)),
    ("left 10% cut off", 0.90, _crop(0.1, 0, 0, 0)),
    ("top 10% cut off", 0.90, _crop(0, 0.1, 0, 0)),
    ("bottom 10% cut off", 0.90, _crop(0, 0, 0, 0.1)),
    ("white frame 5%", 0.90, _frame(0.05, 255)),
    ("black frame 10%", 0.90, _frame(0.1, 0)),
    ("grey frame 10%", 0.90, _frame(0.1, 128)),
    ("text bar at the bottom", 0.90, lambda i: _write(i, 0.9, 0, 255, "so happy :)")),
    ("text bar at the top", 0.90, lambda i: _write(i, 0.0, 0, 255, "so happy :)")),
    ("text bar below", 0.90, _bar_below),
    ("turned by 3 degrees", 0.90, lambda i: i.rotate(3, Image.BICUBIC)),
    ("turned by -3 degrees", 0.90, lambda i: i.rotate(-3, Image.BICUBIC)),
    ("mirrored, with the option", 0.95, ImageOps.mirror),
]


def run(folders: list[Path] | None, kinds: list[str] | None = None) -> list[Result]:
    """Measure the recall of each kind of copy, in each folder."""
    results = []
    for name, images in _load(folders):
        rng = np.random.default_rng(0)
        order = rng.permutation(len(images))[:_N_ORIGINALS]
        originals = ImageTable([np.asarray(images[row]) for row in order])
        before = find_copies(originals)
        sources = [
            row for row in range(len(order)) if (before == before[row]).sum() < 2
        ]
        sources = sources[:_N_COPIES]
        for kind, wanted, make in KINDS:
            if kinds and kind not in kinds:
                continue
            copies = ImageTable([np.asarray(make(images[order[r]])) for r in sources])
            both = ImageTable.concatenate([originals, copies])
            both._fingerprints = type(originals.fingerprints).concatenate(
                [originals.fingerprints, copies.fingerprints]
            )
            groups = find_copies(both, mirrored="mirrored" in kind)
            hit = groups[sources] == groups[len(order) :]
            recall = float(hit.mean())
            results.append(
                Result(
                    f"copies in {name}: {kind}",
                    f"{hit.sum()} of {len(hit)}",
                    "-",
                    f"{recall:.0%} found",
                    f"{wanted:.0%}",
                    recall >= wanted,
                )
            )
    return results


def _load(folders: list[Path] | None) -> list[tuple[str, list[Image.Image]]]:
    if not folders:
        drawn = make_faces(200, n_subjects=200, image_size=96, random_state=0)
        return [("drawn faces", [Image.fromarray(image) for image in drawn.images])]
    found = []
    for folder in folders:
        paths = read_images(folder).paths
        assert paths is not None
        chosen = np.random.default_rng(0).permutation(len(paths))[:_N_ORIGINALS]
        images = []
        for path in paths[chosen]:
            with Image.open(path) as image:
                images.append(image.convert("L" if image.mode == "L" else "RGB"))
        found.append((folder.name, images))
    return found
