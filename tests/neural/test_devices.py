"""One training on several devices, here on two that JAX makes of one processor."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

CODE = """
import json
import sys
import keras
from skfer import CNNClassifier
from skfer.datasets import make_faces

n_devices, n_images = map(int, sys.argv[1:3])
if n_devices > 1:
    devices = keras.distribution.list_devices()
    assert len(devices) == n_devices
    keras.distribution.set_distribution(
        keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    )
faces = make_faces(n_images, classes=["happy", "sad"], image_size=24, random_state=0)
network = CNNClassifier(
    (4, 8), epochs=2, batch_size=32, random_state=0, precision="float32"
)
if len(sys.argv) > 3:
    keep = [faces.target.tolist().index(name) for name in ("happy", "sad")]
    try:
        network.set_params(batch_size=2).fit(faces.images[keep], faces.target[keep])
    except ValueError as error:
        print(json.dumps(str(error)))
        sys.exit()
network.fit(faces.images, faces.target, X_val=faces.images[:33],
            y_val=faces.target[:33])
shares = network.predict_proba(faces.images[:11]).tolist()
print(json.dumps([network.history_, shares]))
"""


def train(n_devices, n_images, *few):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(n_devices), str(n_images), *few],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "XLA_FLAGS": f"--xla_force_host_platform_device_count={n_devices}",
        },
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.jax
def test_two_devices_give_what_one_gives():
    one, two = train(1, 128), train(2, 128)
    for name, values in one[0].items():
        np.testing.assert_allclose(two[0][name], values, rtol=1e-4, err_msg=name)
    np.testing.assert_allclose(two[1], one[1], atol=1e-5)


@pytest.mark.jax
def test_images_that_devices_can_not_share_wait_for_the_next_epoch():
    history, shares = train(2, 131)
    assert len(history["val_loss"]) == 2 and np.isfinite(shares).all()


@pytest.mark.jax
def test_fewer_images_than_devices_are_refused():
    message = train(3, 20, "two")
    assert message.startswith("Training on 3 devices needs at least 3 images, not 2")
