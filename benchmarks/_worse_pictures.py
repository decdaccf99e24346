"""Faces as a detector cuts them out of photographs: dark, blurred, off-centre."""

import io

import numpy as np
from PIL import Image, ImageFilter

_QUALITIES = (30, 90)


def make_worse(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a grey image (height, width), uint8, with some random defects."""
    height, width = image.shape
    picture = Image.fromarray(image)
    if rng.random() < 0.4:
        picture = _move(picture, rng)
    if rng.random() < 0.3:
        small = round(height * rng.uniform(0.35, 0.8))
        picture = picture.resize((small, small), Image.Resampling.BOX)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR)
    elif rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    pixels = np.asarray(picture, dtype=np.float64) / 255
    if rng.random() < 0.6:
        pixels = pixels ** np.exp(rng.uniform(-0.6, 0.6))
        low, high = rng.uniform(0, 0.25), rng.uniform(0.6, 1)
        pixels = low + (high - low) * pixels
    if rng.random() < 0.2:
        # Light from one side.
        slope = np.linspace(-1, 1, width) * rng.uniform(-0.4, 0.4)
        pixels = pixels * (1 + slope)
    if rng.random() < 0.3:
        pixels = pixels + rng.normal(0, rng.uniform(0.01, 0.05), pixels.shape)
    worse = np.clip(np.rint(pixels * 255), 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        file = io.BytesIO()
        quality = int(rng.integers(*_QUALITIES))
        Image.fromarray(worse).save(file, "JPEG", quality=quality)
        worse = np.asarray(Image.open(file))
    return worse


def _move(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Make the face smaller or larger and move it, with padding where nothing is."""
    width, height = picture.size
    scale = np.exp(rng.uniform(-0.35, 0.2))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    face = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    corner = tuple(
        round((whole - side) / 2 + rng.uniform(-0.1, 0.1) * whole)
        for whole, side in zip((width, height), size, strict=True)
    )
    if rng.random() < 0.5:
        # What FaceCropper does at the border of a photograph: repeat the edge.
        pixels = np.asarray(face)
        rows = np.clip(np.arange(height) - corner[1], 0, size[1] - 1)
        columns = np.clip(np.arange(width) - corner[0], 0, size[0] - 1)
        return Image.fromarray(pixels[np.ix_(rows, columns)])
    moved = Image.new("L", (width, height), int(rng.integers(0, 256)))
    moved.paste(face, corner)
    return moved
