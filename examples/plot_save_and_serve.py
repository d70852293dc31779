"""
Save a Pipeline, load it and serve it
=====================================

A fitted Pipeline, which prepares images and cuts Chinese texts into words, is saved to one file
without pickle. A server loads it and answers requests in JSON.
"""

import base64
import io
import json
import tempfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from PIL import Image
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

import skmtl
from skmtl.datasets import load_emoji
from skmtl.preprocessing import ImageNormalizer, JiebaSequencer

# %%
# The Pipeline takes images of any size. One emoji is held out, to be a client's request.
X, y = load_emoji()
held_out = X[X["text"].str.startswith("草莓")].index[0]
prepare = ColumnTransformer(
    [
        ("image", ImageNormalizer(size=32, mode="rgb", scaling="unit"), ["image"]),
        ("text", JiebaSequencer(max_len=32, missing="empty"), ["text"]),
    ]
).set_output(transform="pandas")
network = skmtl.MultiTaskClassifier(epochs=10, random_state=0)
pipeline = Pipeline([("prepare", prepare), ("network", network)])
pipeline.fit(X.drop(held_out), y.drop(held_out))

# %%
# Save it, and load it as another process would. There is no pickle in the file, so that loading a
# file that you did not write runs no code.
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "emoji.skmtl"
skmtl.save(pipeline, path)
served = skmtl.load(path)
print(f"{path.name}: {path.stat().st_size / 2**20:.1f} MiB")


# %%
# The server: a request has an image (its file, in base64), a text, or both. What is not there is a
# missing cell. What cannot be read is answered with status 400.
class Handler(BaseHTTPRequestHandler):
    """Answer a POST of ``{"image": ..., "text": ...}`` with the probabilities of each task."""

    def do_POST(self):
        try:
            request = dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            image, text = request.get("image"), request.get("text")
            image = None if image is None else base64.b64decode(image, validate=True)
            row = pd.DataFrame({"image": [image], "text": [text]}, dtype=object)
            found = served.predict_proba(row)
            names = served[-1].task_names_
            answer = {
                task: dict(zip(classes.tolist(), p[0].tolist(), strict=True))
                for task, classes, p in zip(names, served.classes_, found, strict=True)
            }
            self.reply(200, answer)
        except (ValueError, TypeError) as error:
            self.reply(400, {"error": str(error)})

    def reply(self, status, answer):
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Print nothing."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)  # 0: any port that is free
threading.Thread(target=server.serve_forever, daemon=True).start()

# %%
# A client. It sends the emoji that was held out.
image_file = io.BytesIO()
Image.fromarray(X["image"][held_out]).resize((128, 128)).save(image_file, "PNG")
request = {"image": base64.b64encode(image_file.getvalue()).decode(), "text": X["text"][held_out]}


def ask(request):
    """Return the server's answer."""
    url = f"http://127.0.0.1:{server.server_port}/"
    with urllib.request.urlopen(url, json.dumps(request).encode()) as reply:
        return json.load(reply)


answer = ask(request)
without_text = ask({"image": request["image"]})
server.shutdown()
server.server_close()
folder.cleanup()
for task, probabilities in answer.items():
    likely = max(probabilities, key=probabilities.get)
    print(f"{task}: {likely} ({probabilities[likely]:.2f}); it is {y[task][held_out]}")

# %%
# The request and its answer, and the answer to the image alone.
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), width_ratios=[1, 2, 2], layout="constrained")
axes[0].imshow(Image.open(image_file))
axes[0].set_axis_off()
axes[0].set_title("the request")
for ax, task in zip(axes[1:], answer, strict=True):
    top = sorted(answer[task], key=answer[task].get)[-5:]
    for shift, label, found in ((0.2, "image and text", answer), (-0.2, "image", without_text)):
        heights = [place + shift for place in range(len(top))]
        ax.barh(heights, [found[task][name] for name in top], height=0.4, label=label)
    ax.set_yticks(range(len(top)), top)
    ax.set(title=task, xlabel="probability", xlim=(0, 1))
axes[1].legend(loc="lower right")
plt.show()
