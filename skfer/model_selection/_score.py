"""How good a model is, with intervals."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Score:
    """One row of the table of a `Comparison`.

    Shares are 0 to 1, intervals hold with 95% confidence.

    Attributes
    ----------
    model : str
        Name of the pipeline, or "majority".
    score, score_low, score_high : float
        Mean over the folds of the score that models are ranked by, and the widest of
        its intervals: by picture, by person if groups are known, and over folds.
    accuracy, accuracy_low, accuracy_high : float
        Share of all predictions that are right, and the wider of its intervals by
        picture (Wilson's) and by person.
    macro_f1, macro_f1_low, macro_f1_high : float
        Mean F1 score of the classes, and the wider of its bootstrap intervals by
        picture and by person.
    n_correct : float
        How many of the pictures were right, each counted once.
    fit_seconds : float
        Seconds that a fit took, on average over the folds.
    predict_images_per_second : float
        Images a second in prediction.
    megabytes : float
        Size of the fitted pipeline on disk, on average.
    recall : dict of label to float
        Share of each class that was found.

    Examples
    --------
    >>> from skfer import make_hog_svm
    >>> from skfer.datasets import make_faces
    >>> from skfer.model_selection import compare_pipelines
    >>> faces = make_faces(140, classes=["happy", "sad"], random_state=0)
    >>> pipelines = {"hog": make_hog_svm(image_size=24)}
    >>> comparison = compare_pipelines(pipelines, faces, cv=2)
    >>> score = comparison.scores["hog"]
    >>> score.score_low < score.score < score.score_high, sorted(score.recall)
    (True, ['happy', 'sad'])
    """

    model: str
    score: float
    score_low: float
    score_high: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    n_correct: float
    fit_seconds: float
    predict_images_per_second: float
    megabytes: float
    recall: dict[str, float] = field(default_factory=dict)
