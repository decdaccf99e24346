"""Finished fits of a comparison, kept in files to go on with later."""

import hashlib
import io
import warnings
from pathlib import Path

import joblib

from skfer._writing import written_aside
from skfer.model_selection._fold_fit import FoldFit


def load_fit(file: Path) -> FoldFit | None:
    """Return the fit that is in a file of the cache, None if there is no whole one."""
    if not file.exists():
        return None
    try:
        digest, content = _split(file.read_bytes())
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("it was changed or cut off")
        fit = joblib.load(io.BytesIO(content))
        if not isinstance(fit, FoldFit):
            raise TypeError(f"it holds an object of type {type(fit).__name__}")
        return fit
    # A pickle that is damaged raises anything.
    except Exception as error:
        warnings.warn(
            f"compare_pipelines can't read {file} ({type(error).__name__}: {error}), "
            "and fits that model again.",
            UserWarning,
            stacklevel=2,
        )
        return None


def _split(content: bytes) -> tuple[bytes, bytes]:
    size = hashlib.sha256().digest_size
    return content[:size], content[size:]


def save_fit(fit: FoldFit, file: Path) -> None:
    """Write a fit to the cache; the fit is worth more than the file."""
    try:
        buffer = io.BytesIO()
        joblib.dump(fit, buffer)
        content = buffer.getvalue()
        with written_aside(file) as aside:
            aside.write_bytes(hashlib.sha256(content).digest() + content)
    except (OSError, ValueError) as error:
        warnings.warn(
            f"compare_pipelines goes on without its cache for this fit: {error}.",
            UserWarning,
            stacklevel=2,
        )
