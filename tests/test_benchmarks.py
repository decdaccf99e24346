"""The benchmark's own machinery; its figures are measured by `make benchmark`."""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import __main__ as command
from benchmarks import (
    ablation,
    audit,
    demo,
    export,
    features,
    label_issues,
    large,
    report_two,
    transfer,
)
from benchmarks._memory import measure_peak
from benchmarks._peak import measure
from benchmarks._timing import compare, find_peer, missing, time_in_turn
from skfer.datasets import ImageTable, audit_images, make_faces
from tests.conftest import write_image_folder

ROOT = Path(__file__).parents[1]


def test_contestants_take_turns():
    order = []
    seconds = time_in_turn(
        {"a": lambda: order.append("a"), "b": lambda: time.sleep(0.01)}, rounds=3
    )
    assert order == ["a"] * 4
    assert seconds["a"] < 0.005 < 0.01 <= seconds["b"]


@pytest.mark.parametrize("ours, met", [(1e-6, True), (1e-5, False)])
def test_ratios(ours, met):
    result = compare("HOG", ours, "peer", 5e-5, 10)
    assert result.met is met
    assert result.outcome == ("50 times as fast" if met else "5.00 times as fast")


def test_a_missing_peer_is_reported(monkeypatch):
    assert find_peer("a_module_that_nobody_has") is None
    monkeypatch.setattr(features, "find_peer", lambda name: None)
    faces = np.zeros((3, 48, 48), np.uint8)
    opencv = features._time_hog(faces, rounds=1)[1]
    assert opencv == missing("HOG", "OpenCV HOGDescriptor.compute", "1 times")
    assert "MISSING" in opencv.peer
    assert opencv.met is None


def test_memory_is_what_is_added():
    prepare = "import numpy as np\nlarge = np.ones(50_000_000, np.uint8)\ndel large"
    result = measure_peak("job", prepare, "x = np.ones(30_000_000, np.uint8)", 10)
    assert result.met is False
    assert 25 < float(result.outcome.split()[0]) < 35


def test_the_page_says_how_to_repeat_it(tmp_path, monkeypatch, capsys):
    line = compare("HOG", 1e-5, "a peer", 5e-4, 25)
    monkeypatch.setattr(command, "_run", lambda part, *rest: [line])
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- speed -->\nold\n<!-- end of speed -->\nafter\n")
    assert command.main(["features", "--write", str(page)]) == 0
    text = page.read_text()
    assert "| HOG | 10.0 µs | a peer: 500.0 µs | 50 times as fast |" in text
    assert "make benchmark" in text and "old" not in text
    # What other commands have measured stays.
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "times as fast" in capsys.readouterr().out


@pytest.mark.parametrize("name", command._WITH_OPTIONS)
def test_those_with_options_are_called_by_name(name, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: python -m benchmarks {name}" in capsys.readouterr().out


def test_commands_of_the_documentation_are_there(capsys):
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    text = " ".join(" ".join(page.read_text().split()) for page in pages)
    calls = re.findall(r"python -m (benchmarks[^`]*)`", text)
    assert len(calls) > 15
    for call in calls:
        _, *words = call.split()
        own = [word for word in words[:1] if word in command._WITH_OPTIONS]
        assert own or set(words[:1]) <= set(command._PARTS), call
        with pytest.raises(SystemExit):
            command.main([*own, "--help"])
        options = {word for word in words if word.startswith("--")}
        text = capsys.readouterr().out
        assert options <= set(re.findall(r"--[a-z-]+", text)), call
        needed = set(re.findall(r"(?<!\[)--[a-z-]+", text.split("\n\n")[0]))
        assert needed <= options, call


def test_many_pictures_are_measured_on_request(tmp_path, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(large, "main", lambda words: asked.append(words) or 0)
    assert command.main(["scaling", "--large", str(tmp_path)]) == 0
    assert asked == [[str(tmp_path)]]
    with pytest.raises(SystemExit):
        command.main(["features", "--large", str(tmp_path)])
    assert "--large is for scaling alone" in capsys.readouterr().err


@pytest.mark.parametrize(
    "job",
    ["HOG", "LBP", "grey + resize", "small JPEG", "12-megapixel", "predict", "train"],
)
def test_the_page_in_the_docs_has_every_job(job):
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    assert any(job in line for line in page.splitlines() if line.startswith("| "))


@pytest.mark.filterwarnings("ignore:FER-2013 has known problems")
def test_wrong_labels_are_counted_by_votes(tmp_path, capsys):
    classes = ["angry", "happy", "sad"]
    faces = make_faces(120, classes=classes, label_noise=0.1, random_state=0)
    voted = ["anger", "happiness", "sadness"]
    lines = ["file,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
             "unknown,NF"]  # fmt: skip
    for number, (image, label, is_wrong) in enumerate(
        zip(faces.images, faces.target, faces.is_mislabelled, strict=True)
    ):
        file = tmp_path / "fer2013" / "train" / label / f"Training_{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(file)
        # What else it shows does not matter here.
        place = (classes.index(label) + int(is_wrong)) % 3
        counts = ["10" if name == voted[place] else "0" for name in
                  lines[0].split(",")[1:]]  # fmt: skip
        lines.append(",".join([file.name, *counts]))
    votes = tmp_path / "votes.csv"
    votes.write_text("\n".join(lines))
    label_issues.main(["--data", str(tmp_path), "--votes", str(votes)])
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("120 images, 10.0% of the labels are wrong; ranked in")
    assert float(rest[0].split(", ")[-1].split("%")[0]) > 60


def test_few_images_are_learnt_and_the_others_tested():
    faces = make_faces(200, image_size=24, n_subjects=200, random_state=0)
    line = transfer.learn_few(faces, 120, "hog-svm", seeds=2)
    assert line.startswith("120 images, hog-svm: ")
    assert float(line.split()[3].rstrip("%")) > 30


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:FaceCropper found no face")
def test_a_set_is_compared_by_person_and_by_face(tmp_path, capsys):
    faces = make_faces(60, classes=["happy", "sad"], n_subjects=20, random_state=0)
    for number, image in enumerate(faces.images):
        folder = tmp_path / "set" / faces.target[number]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{faces.groups[number]}-{number}.png")
    options = {"groups": r"^(.+)-"}
    transfer.compare_set(tmp_path, "drawn", "set", options, cut=True)
    printed = capsys.readouterr().out
    assert "drawn: transfer is fitted on 60 images in" in printed
    assert "of 20 people" in printed
    assert "make_transfer, all 60 images in five folds: " in printed
    # BlazeFace may find some of the drawn faces.
    assert re.search(r" with a face: (\d|nan)", printed)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:FER-2013 has known", "ignore:.*left out")
def test_a_model_is_exported_and_compared(tmp_path, capsys):
    for part, seed in (("train", 0), ("validation", 1)):
        faces = make_faces(70, n_subjects=70, random_state=seed)
        write_image_folder(tmp_path / part, faces.images, faces.target)
    assert export.main(["--data", str(tmp_path), "--models", "lbp-svm"]) == 0
    printed = capsys.readouterr().out
    assert "loaded again, decision_function differs by 0;" in printed
    assert "equal labels on 70 of 70 pictures" in printed


@pytest.mark.slow
def test_the_page_stands_a_little_load(capsys):
    assert demo.main(["--seconds", "5", "--small", "200"]) == 0
    said = capsys.readouterr().out
    assert "refused" in said and "200 right" in said
    for fault in ("WRONG", "FAILED", "NOT REFUSED", "failed"):
        assert fault not in said


def test_a_finished_training_of_the_ablation_is_not_repeated(
    tmp_path, monkeypatch, capsys
):
    folds = [ablation.Fold(seed, *[np.zeros(2)] * 4) for seed in range(2)]
    trained = []

    def score(recipe, seed, folds):
        trained.append((recipe["optimizer"], recipe["epochs"], seed, len(folds)))
        return [0.5, 0.6 + seed / 10, 0.7]

    monkeypatch.setattr(ablation, "_read_fer2013", lambda *_: [("drawn", folds)])
    monkeypatch.setattr(ablation, "_score", score)
    options = ["--data", str(tmp_path), "--output", str(tmp_path / "lines.jsonl")]
    ablation.main([*options, "--only", "base"])
    printed = capsys.readouterr().out
    assert "one pass 50.0% (spread 0.0), flip 65.0% (spread 7.1)" in printed
    ablation.main([*options, "--only", "base", "SGD"])
    assert trained == [("adamw", 15, 0, 1), ("adamw", 15, 1, 1), ("sgd", 15, 0, 1),
                       ("sgd", 15, 1, 1)]  # fmt: skip
    assert printed in capsys.readouterr().out


@pytest.mark.slow
def test_a_large_run_goes_on_where_it_was(tmp_path, monkeypatch, capsys):
    jobs = ["decoding", "HOG features"]
    words = [str(tmp_path), "--sizes", "300", "600", "--jobs", *jobs]
    assert large.main(words) == 0
    out = capsys.readouterr().out
    assert "decoding" in out and " MB" in out
    assert len(list(tmp_path.glob("pictures/*/*.png"))) == 1000
    monkeypatch.setattr(large, "_measure", None)
    assert large.main(words) == 0
    assert capsys.readouterr().out == out


def test_figures_are_carried_on_as_they_grow():
    def carry_on(seconds, megabytes):
        sizes = [100_000, 1_000_000]
        results = {
            f"audit, {n}": {"seconds": one, "megabytes": two}
            for n, one, two in zip(sizes, seconds, megabytes, strict=True)
        }
        table = large._carry_on(results, sizes, ["audit"])
        return [next(iter(column.cells)) for column in table.columns[1:]]

    # Ten times the seconds for ten times the pictures, 90 MB for 900,000 of them.
    assert carry_on([360, 3600], [10, 100]) == ["10.0 h, 1.0 GB", "100.0 h, 10.0 GB"]
    assert carry_on([36, 3600], [100, 100]) == [
        "100.0 h, 0.1 GB", "10,000.0 h, 0.1 GB"
    ]  # fmt: skip
    # What became faster is not carried on.
    assert carry_on([3600, 3600], [200, 100])[0] == "10.0 h, 0.1 GB"


def test_the_most_memory_of_a_job_is_seen():
    def act():
        room = np.ones(60_000_000, np.uint8)
        time.sleep(0.3)
        del room

    found = measure(act)
    assert 55 < found["megabytes"] < 80 and 0.3 <= found["seconds"] < 5


@pytest.mark.slow
def test_report_two_is_measured_step_by_step(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report_two, "_STEPS", ("reading", "audit", "split"))
    assert report_two.main([str(tmp_path), "--frames", "240"]) == 0
    out = capsys.readouterr().out
    assert all(step in out for step in ("reading", "audit", "split"))
    assert len(list(tmp_path.glob("frames/*/*/*.jpg"))) == 240


@pytest.mark.slow
def test_a_search_is_the_same_with_one_worker_and_with_two():
    words = ["--images", "210", "--rounds", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "cluster", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert "two workers are" in done.stdout
    assert "scores as without Dask: True" in done.stdout


def test_the_share_of_pairs_that_the_index_finds_is_counted():
    faces = make_faces(120, n_copies=30, n_subjects=120, random_state=0)
    table = ImageTable(faces.images, faces.target)
    found = audit_images(table)
    lines = audit.measure_recall(table.fingerprints, found.copies, found.look_alikes)
    assert [line.outcome for line in lines] == ["100.00%"] * 2
    # Were all images one group, the index would have missed nearly all pairs.
    one = np.zeros(len(faces.images), int)
    (copies, _) = audit.measure_recall(table.fingerprints, one, one)
    assert copies.met is False
