"""
One progress display for searches, folds, steps and epochs
==========================================================

scikit-learn 1.9 has callbacks: every estimator reports its progress, and a search
passes on the reports of its candidates. skfer's transformers and networks take part,
epoch by epoch, so one display covers everything.
"""

import io
import re

from rich.console import Console
from sklearn.base import clone
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.model_selection import GridSearchCV

from skfer import make_cnn, make_hog_svm
from skfer.datasets import make_faces
from skfer.inspection import TrainingHistoryDisplay
from skfer.model_selection import LeakFreeKFold, ProgressDisplay, compare_pipelines

faces = make_faces(120, classes=["happy", "sad"], image_size=24, random_state=0)
pipeline = make_cnn(
    image_size=24, filters=(8, 16), augment=None, epochs=6, random_state=0
)

# %%
# scikit-learn's own display
# --------------------------
# ``set_callbacks`` is all it takes. A terminal shows a bar for every level: search,
# candidate and fold, step, epoch.

search = GridSearchCV(
    pipeline, {"classifier__dropout": [0.1, 0.4]}, cv=LeakFreeKFold(2)
)
search.set_callbacks(ProgressBar())
search.fit(faces.images, faces.target, groups=faces.groups)
print(f"{search.best_score_:.2f}")

# %%
# A score after every epoch
# -------------------------
# `ScoringMonitor` evaluates the network as it is in prediction, without dropout.

network = clone(pipeline[-1]).set_params(epochs=12)
monitor = ScoringMonitor(scoring="accuracy")
network.set_callbacks(monitor).fit(faces.images, faces.target)
rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
print([f"{row['accuracy']:.2f}" for row in rows])
TrainingHistoryDisplay.from_estimator(network)

# %%
# A line for each pipeline of a comparison
# ----------------------------------------
# ``skfer compare`` shows this one. It draws on any console of Rich.

screen = io.StringIO()
console = Console(file=screen, force_terminal=True, width=90)
pipelines = {"hog-svm": make_hog_svm(image_size=24), "cnn": pipeline}
with ProgressDisplay(list(pipelines), console, n_folds=2) as progress:
    compare_pipelines(pipelines, faces, cv=2, progress=progress)
shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
print("\n".join(shown.splitlines()[-2:]))

# %%
# **Conclusion.** Epochs are tasks of scikit-learn's callbacks, as folds and candidates
# are: the monitor received all twelve, and both pipelines of the comparison finished.

# sphinx_gallery_start_ignore
assert len(rows) == 12
assert shown.count("done") >= 2
# sphinx_gallery_end_ignore
