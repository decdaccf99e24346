"""The table of scores, laid out once for text, terminals and pages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skfer.datasets._summary import describe_people
from skfer.model_selection._wording import MAJORITY, show_interval

if TYPE_CHECKING:
    from skfer.model_selection._comparison import Comparison


@dataclass(frozen=True)
class ScoreTable:
    """Names of the columns, and the cells of each model, all as text."""

    heads: list[str]
    rows: list[list[str]]
    caption: str = ""

    @classmethod
    def from_comparison(cls, comparison: "Comparison") -> "ScoreTable":
        """Lay out the scores of a comparison, the best model first."""
        scoring = comparison.scoring
        heads = ["model", scoring, "macro F1", "fit seconds", "predict images/s"]
        rows = []
        for name, s in comparison.scores.items():
            timed = name != MAJORITY
            rows.append(
                [
                    name,
                    show_interval(s.score, s.score_low, s.score_high, scoring),
                    show_interval(s.macro_f1, s.macro_f1_low, s.macro_f1_high),
                    f"{s.fit_seconds:,.1f}" if timed else "",
                    f"{s.predict_images_per_second:,.0f}" if timed else "",
                ]
            )
        tested = comparison.table[np.unique(comparison.test_rows)]
        caption = f"{len(tested):,} test pictures, {describe_people(tested)}"
        return cls(heads, rows, caption)

    def to_text(self) -> str:
        """Return lines of equal columns."""
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if place == 0 else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
