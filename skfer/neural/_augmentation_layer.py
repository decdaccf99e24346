"""The Keras layer behind `FaceAugmentation`; imported only when Keras is loaded."""

from typing import Any

import keras
from keras import ops


class RandomFaceTransform(keras.layers.Layer):
    """Flip, rotate, zoom and shift a batch in one projective transform, then erase.

    Parameters
    ----------
    flip : bool
        Mirror left and right at random.
    shift : float
        Largest shift as a share of each side.
    rotation : float
        Largest rotation in radians, in either direction.
    zoom : float
        Largest relative change of size, in either direction.
    erase : float
        Largest sides of the rectangle that is erased, as a share of the image's.
    seed : int
        Seed of the random numbers.
    """

    def __init__(
        self,
        flip: bool,
        shift: float,
        rotation: float,
        zoom: float,
        erase: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.flip, self.shift, self.rotation, self.zoom = flip, shift, rotation, zoom
        self.erase = erase
        self.seed_generator = keras.random.SeedGenerator(seed)
        # TensorFlow's projective transform has no XLA version.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Transform the batch in training, return it untouched otherwise."""
        if not training:
            return images
        # The height and the width may differ from batch to batch.
        n, height, width = ops.shape(images)[:3]
        height, width = (ops.cast(side, "float32") for side in (height, width))

        def draw(largest: float) -> Any:
            drawn = keras.random.uniform((n,), -1, 1, seed=self.seed_generator)
            return largest * drawn

        angle, scale = draw(self.rotation), 1 + draw(self.zoom)
        mirror = ops.sign(draw(1.0)) if self.flip else ops.ones((n,))
        cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
        center_x, center_y = (width - 1) / 2, (height - 1) / 2
        shift_x, shift_y = draw(self.shift * width), draw(self.shift * height)
        # Output to input coordinates, about the centre of the image.
        a0, a1, b0, b1 = mirror * cos, -mirror * sin, sin, cos
        a2 = center_x - a0 * center_x - a1 * center_y + shift_x
        b2 = center_y - b0 * center_x - b1 * center_y + shift_y
        zeros = ops.zeros((n,))
        moved = ops.image.affine_transform(
            images,
            ops.stack([a0, a1, a2, b0, b1, b2, zeros, zeros], axis=1),
            interpolation="bilinear",
            fill_mode="reflect",
        )
        return self._erase(moved) if self.erase else moved

    def _erase(self, images: Any) -> Any:
        """Fill a rectangle anywhere in each image with the mean of the image."""
        n = ops.shape(images)[0]

        def choose(side: Any) -> Any:
            """Return which rows or columns are in the rectangle, (n, side)."""
            half, center = (
                largest * keras.random.uniform((n, 1), seed=self.seed_generator)
                for largest in (
                    self.erase / 2 * ops.cast(side, "float32"),
                    ops.cast(side, "float32"),
                )
            )
            pixels = ops.arange(side, dtype="float32") + 0.5
            return ops.abs(pixels - center) < half

        rows, columns = map(choose, ops.shape(images)[1:3])
        inside = ops.logical_and(rows[:, :, None, None], columns[:, None, :, None])
        return ops.where(inside, ops.mean(images, axis=(1, 2), keepdims=True), images)
