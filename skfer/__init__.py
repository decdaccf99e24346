"""skfer: classifiers for facial expressions with scikit-learn's own tools.

==================== =========================================================
skfer.datasets       readers, the table of images, and its audit
skfer.faces          photographs in, upright faces out
skfer.preprocessing  paths or images in, images out
skfer.features       images in, feature table out: HOG and LBP
skfer.neural         the convolutional network, the only package that imports Keras
skfer.pipelines      ready-made pipelines, from paths or images to labels
skfer.model_selection  comparison on the same images, with intervals and tests
skfer.prediction     pictures, folders and videos in, a row for each out
skfer.persistence    a model in one file, with a card
skfer.inspection     displays, explanations and HTML reports
skfer.demo           a local page for pictures and the webcam
skfer.cli            the command ``skfer``
==================== =========================================================

Everything loads on first use: importing skfer loads neither Keras nor
matplotlib nor pandas. The public names are listed in ``__init__.pyi``.
"""

from importlib.metadata import version as _version

import lazy_loader

__version__ = _version("skfer")
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
