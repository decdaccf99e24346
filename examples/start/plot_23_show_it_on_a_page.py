"""
Show a model on a page
======================

A student of one of the reports put the classifier into a web page. Here that is one
command, ``skfer demo smile.skfer``: a page on your own computer, for pictures and the
webcam, with the probabilities, the place of the face, and what the model looks at.
"""

import json
import threading
import time
from io import BytesIO
from urllib.request import Request, urlopen

import matplotlib.pyplot as plt
from PIL import Image

from skfer import make_hog_svm
from skfer.datasets import make_faces
from skfer.demo import make_app, serve
from skfer.model_selection import make_calibrated

# %%
# A model
# -------
# Any fitted classifier will do. `make_calibrated` gives it probabilities.

faces = make_faces(140, classes=["happy", "sad", "surprise"], random_state=0)
model = make_calibrated(make_hog_svm(image_size=24)).fit(faces.images, faces.target)

# %%
# The page
# --------
# `serve` does what the command does, until Ctrl-C. A thread leaves this program free to
# ask. Only this computer can reach the page, and nothing is kept.

PORT = 8799
options = {"port": PORT, "open_browser": False}
threading.Thread(target=serve, args=(model,), kwargs=options, daemon=True).start()
address = f"http://127.0.0.1:{PORT}"

for _ in range(100):
    try:
        page = urlopen(address).read().decode()
        break
    except OSError:
        time.sleep(0.1)

# %%
# A browser sends each picture as it is. So can a program:

face = Image.fromarray(make_faces(1, classes=["happy"], random_state=5).images[0])
buffer = BytesIO()
face.save(buffer, format="PNG")
with urlopen(Request(f"{address}/classify", buffer.getvalue())) as response:
    answer = json.loads(response.read())
print(answer)

# %%
# The page draws the answer like this:

figure, (left, right) = plt.subplots(1, 2, figsize=(6.4, 2.8), layout="constrained")
left.imshow(face, cmap="gray")
left.set(title=answer["label"], xticks=[], yticks=[])
right.barh(list(answer["probabilities"]), list(answer["probabilities"].values()))
right.set(xlabel="probability", xlim=(0, 1))

# %%
# Other web pages can't send pictures: the server looks at the name by which it is
# called.

foreign = Request(f"{address}/about", headers={"Host": "evil.example"})
try:
    urlopen(foreign)
except OSError as error:
    refused = str(error)
print(refused)

# %%
# `make_app` gives the application itself, for a server of your own.

app = make_app(model)
print([route.path for route in app.routes])

# %%
# **Conclusion.** From a fitted model to a page with your webcam it takes one command,
# and no picture leaves the computer.

# sphinx_gallery_start_ignore
assert answer["label"] == "happy" and "webcam" in page
assert sum(answer["probabilities"].values()) > 0.99
assert "403" in refused
# sphinx_gallery_end_ignore
