import numpy as np
import onnxruntime
import pytest
from PIL import Image

from skfer.cli import main
from skfer.datasets import make_faces
from skfer.persistence import save_model
from tests.cli.conftest import printed
from tests.prediction.test_classify_images import hog


@pytest.mark.slow
def test_a_model_file_becomes_onnx(faces, tmp_path, capsys):
    model = hog().fit(faces.images, faces.target)
    path, exported = tmp_path / "hog.skfer", tmp_path / "hog.onnx"
    save_model(model, path)
    images = make_faces(8, random_state=1).images
    (tmp_path / "pictures").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / "pictures" / f"{number}.png")
    command = ["export", str(path), "-o", str(exported)]
    assert main([*command, "--check", str(tmp_path / "pictures")]) == 0
    said = printed(capsys)
    assert "ONNX Runtime and skfer: equal labels on 8 of 8 pictures" in said
    assert "does not look for them" not in said
    (tmp_path / "pictures" / "notes.jpg").write_text("no picture")
    command[-1] = str(tmp_path / "again.onnx")
    assert main([*command, "--check", str(tmp_path / "pictures")]) == 0
    said = printed(capsys)
    assert "Not compared: 1 file of 9" in said and "labels on 8 of 8" in said
    command[-1] = str(exported)
    session = onnxruntime.InferenceSession(exported)
    (label,) = session.run(["label"], {"images": images[..., np.newaxis]})
    assert label.tolist() == model.predict(images).tolist()
    assert main(command) == 1
    assert "exists. Choose another name" in " ".join(capsys.readouterr().err.split())
    assert main([*command, "--overwrite"]) == 0
    assert "ONNX Runtime and skfer" not in printed(capsys)
