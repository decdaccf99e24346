"""
Few people, many pictures: what results are worth for new people
================================================================

Studios photograph a few people with many expressions. Pictures of one person are right
or wrong together, so that two hundred pictures of twenty people are not two hundred
observations. This page shows how skfer finds out who is shown, keeps people on one
side, and counts people instead of pictures.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from skfer import make_hog_svm
from skfer.datasets import (
    GroupProposal,
    find_copies,
    find_look_alikes,
    load_image_folder,
    make_faces,
    propose_groups,
)
from skfer.model_selection import (
    LeakFreeKFold,
    Slice,
    accuracy_interval,
    clustered_accuracy_interval,
    compare_pipelines,
    score_slices,
    sign_flip_p_value,
)

# %%
# Who is shown?
# -------------
# Files are often named after people. `propose_groups` reads the names, and shows an
# example, because only you can know whether the guess is right.

drawn = make_faces(210, n_subjects=20, noise=0.1, random_state=0)
folder = tempfile.TemporaryDirectory()
for number, image in enumerate(drawn.images):
    name = f"subject{drawn.groups[number]:02}.{number:03}.png"
    place = Path(folder.name, drawn.target[number])
    place.mkdir(exist_ok=True)
    Image.fromarray(image).save(place / name)
proposal: GroupProposal = propose_groups(load_image_folder(folder.name))[0]
print(proposal)
table = load_image_folder(folder.name, groups="auto")
print(table.summary.splitlines()[-1])

# %%
# Copies are one photograph, look-alikes are not
# ----------------------------------------------
# With less noise than above, some drawings are all but equal: copies, which count once.
# Others only look alike. They are different pictures, so all of them count, but no
# split separates them.

clear = make_faces(210, n_subjects=20, noise=0.02, random_state=0)
copies, alike = find_copies(clear), find_look_alikes(clear)
print(len(clear) - len(set(copies)), "copies")
print(len(set(copies)) - len(set(alike)), "more that look like another picture")
# sphinx_gallery_start_ignore
assert len(clear) > len(set(copies)) > len(set(alike))
for train, test in LeakFreeKFold(5).split(clear):
    assert not set(alike[train]) & set(alike[test])
    assert not set(clear.groups[train]) & set(clear.groups[test])
for train, test in LeakFreeKFold(5).split(table):
    assert not set(table.groups[train]) & set(table.groups[test])
# sphinx_gallery_end_ignore

# %%
# Counting people
# ---------------
# A small classifier makes its mistakes with a few people. The interval by picture does
# not notice; the interval by person is the one that holds for new people.

models = {
    "coarse": make_hog_svm(image_size=12),
    "fine": make_hog_svm(image_size=24),
}
comparison = compare_pipelines(models, table, cv=LeakFreeKFold(5))
right = {name: comparison.predictions[name] == comparison.y_test for name in models}
people = comparison.groups_test
by_picture = accuracy_interval(int(right["coarse"].sum()), len(people))
by_person = clustered_accuracy_interval(right["coarse"], people)
print("by picture {:.3f} to {:.3f}".format(*by_picture))
print("by person  {:.3f} to {:.3f}".format(*by_person))

shares = np.sort([right["coarse"][people == one].mean() for one in np.unique(people)])
figure, ax = plt.subplots(layout="constrained")
ax.bar(range(1, len(shares) + 1), 100 * shares)
ax.set_xticks(range(1, len(shares) + 1))
ax.set(xlabel="person, the hardest first", ylabel="right, % of the pictures")

# %%
# Two models are compared by person as well: if neither were better, the difference of
# each person could just as well have the other sign. The verdict says for how many
# people all this holds.

difference = right["fine"].astype(int) - right["coarse"]
print(f"p = {sign_flip_p_value(difference, people):.4f}")
print(comparison.verdict)

# %%
# Where is it weak?
# -----------------
# `score_slices` takes any column of the table; here the people, the worst first.

worst: Slice = score_slices(comparison, "groups")[0]
print(f"{worst.name}: {worst.accuracy:.0%} of {worst.n_images} pictures")
for part in score_slices(comparison, "brightness"):
    print(f"brightness {part.name}: {part.accuracy:.0%}")

# %%
# **Conclusion.** Names told who is shown, splits kept people apart, and the honest
# interval is at least as wide as the one that counts pictures.

# sphinx_gallery_start_ignore
assert proposal.n_groups == 20
assert "people right" in comparison.verdict
assert np.ptp(by_person) >= np.ptp(by_picture)
folder.cleanup()
# sphinx_gallery_end_ignore
