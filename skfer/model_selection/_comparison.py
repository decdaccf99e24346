"""The record of a comparison: everything that was done, and the results."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.base import clone

from skfer._optional import require
from skfer.datasets import ImageAudit, ImageTable
from skfer.model_selection._audit_comparison import audit_comparison
from skfer.model_selection._fold_fit import FoldFit
from skfer.model_selection._learning_curve import (
    LearningCurve,
    learning_curve_images,
)
from skfer.model_selection._loaded_images import LoadedImages
from skfer.model_selection._pair import Pair
from skfer.model_selection._score import Score
from skfer.model_selection._score_table import ScoreTable
from skfer.model_selection._scores import (
    compare_pairs,
    is_tested,
    score_models,
)
from skfer.model_selection._verdict import write_verdict
from skfer.model_selection._wording import MAJORITY, show_p_value

_MOST_FOLDS = 5  # Of a learning curve.


class Comparison:
    """What `compare_pipelines` returns.

    Parameters
    ----------
    table : ImageTable
        The images that were compared on.
    pipelines : mapping of str to estimator
        The pipelines, not fitted.
    folds : sequence of (ndarray, ndarray)
        Row numbers of the training and the test part of each fold.
    fits : mapping of str to list of FoldFit
        One per fold, for each pipeline and the majority baseline.
    scoring : str, default="accuracy"
        Name of the score that models are ranked by.
    n_copies : int, default=0
        Number of copies that were left out of the test parts.
    loaded : LoadedImages, default=None
        What loaders made of the files, to spare loading them again.
    fit_params : mapping of str to dict, default=None
        What the fit of each model gets beside images and labels, by its name.

    Attributes
    ----------
    scores : dict of str to Score
        By the names of the pipelines and "majority", the best first.
    pairs : list of Pair
        Tests of all pairs of models except the majority, with Holm's correction. Empty
        for a single test part unless the score is the accuracy or macro F1.
    audit : ImageAudit or None
        Of the images, with these folds; None if the rows are no pictures. It takes
        seconds to minutes, once.
    against_majority : Pair or None
        Test of the best model against always guessing the largest class; None where
        there is no test.
    best_name : str
        Name of the pipeline with the best score.
    verdict : str
        Which models differ, in one or two sentences.
    summary : str
        The table as text, the tests, and the verdict.
    fold_scores : dict of str to ndarray of shape (n_folds,)
        The scores of each model on each fold.
    predictions : dict of str to ndarray of shape (n_tested,)
        Predictions on the test parts of all folds, concatenated.
    confidences : dict of str to ndarray of shape (n_tested,) or None
        Confidence in each predicted class.
    estimators : dict of str to list of estimators
        Those fitted on each fold, or empty lists if they were not kept.
    y_test : ndarray of shape (n_tested,)
        The labels of the test parts.
    groups_test : ndarray of shape (n_tested,) or None
        Their groups.
    people : ndarray of shape (n_images,) or None
        The groups of the tested images, each once, in the order of the table.
    n_images : int
        Number of different images that were tested.
    n_copies : int
        Number of copies in the test parts, which were left out, so that each
        photograph counts once.
    test_rows : ndarray of int of shape (n_tested,)
        Which rows of the table these are.
    n_folds : int
        Number of folds.
    n_train : float
        Mean number of training images per fold.

    Examples
    --------
    >>> from skfer import make_hog_svm, make_lbp_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> comparison = compare_pipelines(
    ...     {"hog": make_hog_svm(image_size=24), "lbp": make_lbp_svm(image_size=24)},
    ...     faces, cv=2,
    ... )
    >>> comparison.best_name, comparison.scores["majority"].score
    ('hog', 0.5)
    """

    def __init__(
        self,
        table: ImageTable,
        pipelines: Mapping[str, Any],
        folds: Any,
        fits: Mapping[str, list[FoldFit]],
        scoring: str = "accuracy",
        n_copies: int = 0,
        loaded: LoadedImages | None = None,
        fit_params: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.table = table
        self.pipelines = dict(pipelines)
        self.folds = list(folds)
        self.fits = dict(fits)
        self.scoring = scoring
        self.n_copies = n_copies
        self.loaded = loaded
        self.fit_params = dict(fit_params or {})

    def __repr__(self) -> str:
        names = ", ".join(self.pipelines)
        return f"<Comparison of {names} on {len(self.table):,} images>"

    @property
    def n_folds(self) -> int:
        return len(self.folds)

    @property
    def n_train(self) -> float:
        return float(np.mean([len(train) for train, _ in self.folds]))

    @cached_property
    def test_rows(self) -> np.ndarray:
        return np.concatenate([test for _, test in self.folds])

    @property
    def y_test(self) -> np.ndarray:
        return self.table["target"][self.test_rows]

    @property
    def groups_test(self) -> np.ndarray | None:
        groups = self.table.groups
        return None if groups is None else groups[self.test_rows]

    @property
    def n_images(self) -> int:
        return len(np.unique(self.test_rows))

    @property
    def people(self) -> np.ndarray | None:
        groups = self.table.groups
        return None if groups is None else groups[np.unique(self.test_rows)]

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        return {
            name: np.concatenate([fit.predicted for fit in fits])
            for name, fits in self.fits.items()
        }

    @cached_property
    def confidences(self) -> dict[str, np.ndarray | None]:
        joined: dict[str, np.ndarray | None] = {}
        for name, fits in self.fits.items():
            parts = [fit.confidence for fit in fits if fit.confidence is not None]
            joined[name] = np.concatenate(parts) if len(parts) == len(fits) else None
        return joined

    @cached_property
    def fold_scores(self) -> dict[str, np.ndarray]:
        return {
            name: np.array([fit.score for fit in fits])
            for name, fits in self.fits.items()
        }

    @property
    def estimators(self) -> dict[str, list[Any]]:
        return {
            name: [fit.estimator for fit in fits if fit.estimator is not None]
            for name, fits in self.fits.items()
        }

    @cached_property
    def scores(self) -> dict[str, Score]:
        return score_models(self)

    @cached_property
    def pairs(self) -> list[Pair]:
        if not is_tested(self):
            return []
        names = [name for name in self.scores if name != MAJORITY]
        return compare_pairs(self, list(combinations(names, 2)))

    @cached_property
    def audit(self) -> ImageAudit | None:
        return audit_comparison(self)

    @cached_property
    def against_majority(self) -> Pair | None:
        if not is_tested(self):
            return None
        return compare_pairs(self, [(self.best_name, MAJORITY)])[0]

    @property
    def best_name(self) -> str:
        return next(name for name in self.scores if name != MAJORITY)

    @cached_property
    def verdict(self) -> str:
        return write_verdict(self)

    @property
    def summary(self) -> str:
        tests = [
            f"{pair.first} - {pair.second}: {pair.difference:+.1%}, "
            f"{show_p_value(pair.p_value)}, "
            f"corrected {show_p_value(pair.corrected_p_value)}"
            for pair in self.pairs
        ]
        table = ScoreTable.from_comparison(self)
        return "\n".join([table.to_text(), table.caption, *tests, self.verdict])

    def learning_curve(self, name: str | None = None) -> LearningCurve:
        """Train a model on parts of the images too, and see how it improves.

        Parameters
        ----------
        name : str, default=None
            Name of the pipeline. None means the best one.

        Returns
        -------
        LearningCurve
            On the folds of the comparison, but at most five of them.

        Raises
        ------
        ValueError
            If there is no such pipeline, or only one fold.
        """
        name = self._find_name(name, "learning_curve")
        pipeline, X = self.pipelines[name], self.table.X
        if self.loaded is not None:
            pipeline, X = self.loaded.skip_loader(pipeline, self.table)
        return learning_curve_images(
            pipeline,
            X,
            self.table.target,
            groups=self.table.groups,
            cv=self.folds[:_MOST_FOLDS],
            scoring=self.scoring,
        )

    def refit(self, name: str | None = None) -> Any:
        """Fit a model on all images, to be used after it was tested.

        Parameters
        ----------
        name : str, default=None
            Name of the pipeline. None means the best one.

        Returns
        -------
        estimator
            A new one, fitted. No image is left to test it on; the scores are those of
            the same pipeline on fewer images.

        Raises
        ------
        ValueError
            If there is no such pipeline.
        """
        name = self._find_name(name, "refit")
        model = clone(self.pipelines[name])
        params = self.fit_params.get(name, {})
        return model.fit(self.table.X, self.table.target, **params)

    def _find_name(self, name: str | None, who: str) -> str:
        name = self.best_name if name is None else name
        if name not in self.pipelines:
            raise ValueError(
                f"{who} got {name!r}. The pipelines are {list(self.pipelines)}."
            )
        return name

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the scores as records, one for each model.

        Returns
        -------
        list of dict of str to object
            With the fields of `Score`, the numbers of test pictures and of people on
            them (None if unknown), and the recall of each class.
        """
        people = self.people
        counts = {
            "n_images": self.n_images,
            "n_people": None if people is None else len(set(people.tolist())),
        }
        rows = []
        for score in self.scores.values():
            row = asdict(score) | counts
            recall = row.pop("recall")
            rows.append(row | {f"recall {name}": r for name, r in recall.items()})
        return rows

    def to_frame(self) -> Any:
        """Return the scores as a pandas DataFrame, a row for each model.

        Returns
        -------
        DataFrame
            With a column for each field of `Score`, and one for the recall of each
            class.

        Raises
        ------
        ImportError
            If pandas is missing.
        """
        pandas = require("pandas", "Comparison.to_frame", "use `scores`")
        return pandas.DataFrame(self.to_rows())
