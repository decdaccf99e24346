"""The card as JSON and as a page."""

import json

import pytest

from skfer.persistence import ModelCard

FULL = ModelCard(
    name="smile",
    classes=["happy", "sad", "surprise"],
    takes="pictures of one face, as files or pixels",
    image_shape=[48, 48, 1],
    steps=["gray: GrayscaleResizer()"],
    threshold=0.6,
    fitted_on="It is the model that was tested.",
    training={
        "images": 1200,
        "people": 30,
        "classes": {"happy": 500, "sad": 400, "surprise": 300},
        "origin": "faces",
        "fingerprint": "abc",
    },
    audit=["3 copies"],
    scores={
        "accuracy": 0.9, "accuracy_low": 0.85, "accuracy_high": 0.94,
        "macro_f1": 0.8, "macro_f1_low": 0.7, "macro_f1_high": 0.9,
        "recall": {"happy": 1.0}, "n_images": 60, "n_people": 6,
    },
    comparison={"how": "1 training on 1,140 pictures each.", "verdict": "Take smile."},
    limits=["Not tested at night."],
    weights=["The network of others."],
    notes="Ours.",
    created="2026-11-27",
    versions={"Python": "3.11.7"},
)  # fmt: skip


def test_json_keeps_every_field():
    assert ModelCard.from_dict(json.loads(FULL.to_json())) == FULL


def test_the_page_says_all_that_is_known():
    assert (
        FULL.to_markdown()
        == """\
# smile

It tells happy, sad and surprise apart. It takes pictures of one face, as files or \
pixels, and makes each an image of 48 by 48 pixels. Where its highest probability is \
below 0.60, it does not answer.

## How good it is

On 60 pictures that it had not seen, 6 people or other groups; 95% intervals in \
brackets. 1 training on 1,140 pictures each.

- accuracy: 90.0% (85.0% to 94.0%)
- macro F1, the mean over the classes: 80.0% (70.0% to 90.0%)
- happy found: 100.0%

Take smile.

## What it was trained on

1,200 pictures from faces, 30 people or other groups: happy 500, sad 400, \
surprise 300. It is the model that was tested.

Fingerprint of all pixels: abc.

An audit found:

- 3 copies

## What the results do not show

- Not tested at night.

## Networks of others in it

- The network of others.

## Notes

Ours.

## How it is made

- gray: GrayscaleResizer()

## Versions

Made on 2026-11-27.

- Python 3.11.7
"""
    )


def test_the_page_says_what_is_not_known():
    page = ModelCard(name="smile", classes=["happy", "sad"]).to_markdown()
    assert "It was not tested." in page and "Not known." in page


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (5, "the fields name, classes and any of takes.*; got int"),
        ({"name": "smile"}, r"got \['name'\]"),
        ({"name": "smile", "classes": ["a"], "age": 5}, "got .*'age'"),
        ({"name": 5, "classes": ["a"]}, "The field name of a model card can't be 5"),
        (
            {"name": "smile", "classes": ["a"], "threshold": "high"},
            "threshold .* 'high'",
        ),
        ({"name": "smile", "classes": ["a"], "audit": 1}, "audit .* can't be 1"),
        ({"name": "smile", "classes": ["a"], "scores": {"accuracy": 1}}, "KeyError"),
        ({"name": "smile", "classes": ["a"], "training": {1: 2}}, "as save_model"),
    ],
)
def test_other_fields_are_refused(values, match):
    with pytest.raises(ValueError, match=match):
        ModelCard.from_dict(values)
