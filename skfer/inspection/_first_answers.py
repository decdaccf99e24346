"""What the models of a comparison said of each picture."""

from dataclasses import dataclass

import numpy as np

from skfer.datasets._names import name_images
from skfer.model_selection import Comparison
from skfer.model_selection._wording import MAJORITY


@dataclass(frozen=True, eq=False)
class FirstAnswers:
    """The answers of all models to each test picture, the first time it was tested.

    Attributes
    ----------
    rows : ndarray of int of shape (n_pictures,)
        Rows of the table, each once.
    fold : ndarray of int of shape (n_pictures,)
        In which fold, counted from 0.
    names : list of str
        Files, or row numbers.
    label : ndarray of shape (n_pictures,)
        The labels.
    predicted : dict of str to ndarray of shape (n_pictures,)
        By the name of the model, without the majority.
    confidence : dict of str to ndarray of shape (n_pictures,) or None
        In the predicted class, 0..1; None if the model has no scores.
    is_probability : dict of str to bool
        Whether the confidence is a probability, or only useful for ranking.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.inspection._first_answers import FirstAnswers
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> answers = FirstAnswers.from_comparison(comparison)
    >>> len(answers.rows) == comparison.n_images, list(answers.predicted)
    (True, ['hog'])
    """

    rows: np.ndarray
    fold: np.ndarray
    names: list[str]
    label: np.ndarray
    predicted: dict[str, np.ndarray]
    confidence: dict[str, np.ndarray | None]
    is_probability: dict[str, bool]

    @classmethod
    def from_comparison(cls, comparison: Comparison) -> "FirstAnswers":
        """Take the first answers, models in the order of their scores.

        Parameters
        ----------
        comparison : Comparison
            Of any models.

        Returns
        -------
        FirstAnswers
            Of all test pictures, in the order of the table.
        """
        rows, once = np.unique(comparison.test_rows, return_index=True)
        models = [name for name in comparison.scores if name != MAJORITY]
        lengths = [len(test) for _, test in comparison.folds]
        names = name_images(comparison.table)
        sure = {name: comparison.confidences[name] for name in models}
        return cls(
            rows,
            np.repeat(np.arange(len(lengths)), lengths)[once],
            [names[row] for row in rows],
            comparison.y_test[once],
            {name: comparison.predictions[name][once] for name in models},
            {name: None if c is None else c[once] for name, c in sure.items()},
            {name: comparison.fits[name][0].is_probability for name in models},
        )

    def show_share(self, model: str, place: int) -> str:
        """Return the probability of an answer, as it follows the answer.

        Parameters
        ----------
        model : str
            Which model.
        place : int
            Which picture.

        Returns
        -------
        str
            Such as " 92%"; empty if the model gives no probabilities.
        """
        sure = self.confidence[model]
        if sure is None or not self.is_probability[model]:
            return ""
        return f" {100 * sure[place]:.0f}%"

    def count_right(self) -> np.ndarray:
        """Return how many models are right, for each picture."""
        right = [predicted == self.label for predicted in self.predicted.values()]
        return np.sum(right, axis=0)
