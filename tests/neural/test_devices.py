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

n_devices, n_images = map(int, sys.argv[1:])
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
network.fit(faces.images, faces.target, X_val=faces.images[:33],
            y_val=faces.target[:33])
shares = network.predict_proba(faces.images[:11]).tolist()
print(json.dumps([network.history_, shares]))
"""


def train(n_devices, n_images):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(n_devices), str(n_images)],
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
