"""What the page is told about one picture."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from skfer._image_files import UnreadableImageError, open_image
from skfer._pillow import as_array
from skfer.inspection._draw_explanation import draw_explanation
from skfer.prediction import classify_images

#: Of a picture that is sent; a photograph of a telephone has 12 to 48 million.
MOST_PIXELS = 50_000_000
_SIDE = 240  # Of the explanation, in pixels.
# Browsers write these; of others, some start programs to be read.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "MPO")
_DIGITS = 4


def decode(content: bytes) -> np.ndarray:
    """Return the pixels of a picture that was sent.

    Raises
    ------
    UnreadableImageError
        If it is no picture, damaged, or too large.
    """
    with open_image("picture", content) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise UnreadableImageError(
                f"it has {width * height:,} pixels, and at most {MOST_PIXELS:,} are "
                "taken; make it smaller"
            )
        if opened.format not in _FORMATS:
            raise UnreadableImageError(
                f"it is {opened.format}, and {', '.join(_FORMATS)} are taken"
            )
        return as_array(opened)


def classify(model: Any, content: bytes) -> dict[str, Any]:
    """Return label, probabilities and face of a picture.

    Parameters
    ----------
    model : classifier
        Fitted.
    content : bytes
        An image file.

    Returns
    -------
    dict of str to object
        Of values that JSON has.

    Raises
    ------
    UnreadableImageError
        If it is no picture.
    ValueError
        If the model has no answer.
    """
    image = decode(content)
    results = classify_images(model, [image])
    columns = {name: values[0] for name, values in results.columns.items()}
    if columns["status"]:
        raise ValueError(f"There is no answer: {columns['status']}.")
    classes = [str(label) for label in np.asarray(model.classes_).tolist()]
    shares = [round(float(share), _DIGITS) for share in columns["probability"]]
    has_box = "box" in columns and np.isfinite(columns["box"]).all()
    return {
        "label": str(columns["predicted"]),
        "probabilities": dict(zip(classes, shares, strict=True)),
        "box": [round(float(side), 1) for side in columns["box"]] if has_box else None,
        "face": str(columns.get("face", "")),
        "width": image.shape[1],
        "height": image.shape[0],
    }


def explain(model: Any, content: bytes) -> bytes:
    """Return a PNG of the face, with what speaks for the answer in orange.

    Of what wraps a Pipeline, such as a calibration, that Pipeline is explained.

    Parameters
    ----------
    model : classifier
        Fitted: a Pipeline, or what wraps one.
    content : bytes
        An image file.

    Raises
    ------
    UnreadableImageError
        If it is no picture.
    ValueError
        If the model can't be explained.
    """
    drawn = draw_explanation(model, decode(content), _SIDE)
    buffer = BytesIO()
    Image.fromarray(drawn).save(buffer, format="PNG")
    return buffer.getvalue()
