"""Every image of a finding is reachable, and none is shown twice."""

import numpy as np
import pytest
from PIL import Image

from skfer.datasets import ImageTable, audit_images, make_faces
from skfer.datasets._names import name_images
from skfer.inspection._finding_cards import make_cards, plan


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    """Thirty pictures, each eight times, one blank, and one that is none."""
    folder = tmp_path_factory.mktemp("images")
    images = make_faces(30, n_subjects=30, random_state=0).images
    for row, image in enumerate(np.repeat(images, 8, axis=0)):
        Image.fromarray(image).save(folder / f"{row:03}.png")
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(folder / "black.png")
    (folder / "text.png").write_text("no picture")
    return audit_images(ImageTable(sorted(folder.iterdir()), origin=str(folder)))


def test_all_members_are_there_once(audit):
    names = name_images(audit.table)
    cards = make_cards(audit)
    assert [card.kind for card in cards] == [finding.kind for finding in audit.findings]
    for card, finding in zip(cards, audit.findings, strict=True):
        if card.same_as:
            assert card.groups == card.more == []
            continue
        found = [[p.name for p in group.pictures] + group.more for group in card.groups]
        wanted = [[names[row] for row in rows] for rows in finding.rows]
        assert found + card.more == wanted
        assert len(card.groups) <= 24
        assert max(len(group.pictures) for group in card.groups) <= 6


def test_the_same_groups_are_shown_once(audit):
    same = {card.kind: card.same_as for card in make_cards(audit)}
    assert same["copies without groups"] == ""
    assert same["exact copies"] == "copies without groups"


def test_what_can_not_be_read_has_its_reason_and_no_picture(audit):
    (card,) = [card for card in make_cards(audit) if card.kind == "unreadable"]
    assert card.groups[0].pictures == [("text.png", "")]
    assert len(card.details) == 1 and "text.png" in card.details[0]
    (blank,) = [card for card in make_cards(audit) if card.kind == "blank"]
    assert blank.groups[0].pictures[0].source.startswith("data:image/webp")


def test_a_card_says_how_sure_it_is_and_what_to_do(audit):
    for card in make_cards(audit):
        assert card.remedy.text
    commands = [card.remedy.command for card in make_cards(audit)]
    assert sum(command.startswith("skfer clean /") for command in commands) == 1
    (exact,) = [card for card in make_cards(audit) if card.kind == "exact copies"]
    assert exact.remedy.certainty == "certain"
    assert exact.remedy.text.endswith("The command of 'copies without groups' does it.")


def test_what_to_do_is_one_list(audit):
    """Images are cleaned once, for all findings that ask for it."""
    folder = audit.table.origin
    (kinds, first), *others = plan(audit)
    assert first.command == f"skfer clean {folder} {folder}-clean"
    assert {"exact copies", "blank", "unreadable"} <= set(kinds.split(", "))
    assert not [step for _, step in others if step.command.startswith("skfer clean")]
    table = ImageTable(audit.table.X, origin=folder)
    table["face"] = np.where(np.arange(len(table)) < 9, "missing", "found")
    (kinds, first), *others = plan(audit_images(table))
    assert first.command == f"skfer clean {folder} {folder}-faces --faces"
    assert {"no face", "exact copies", "blank"} <= set(kinds.split(", "))
    assert "Cut the faces out" in first.text
    assert not [step for _, step in others if step.command.startswith("skfer clean")]
