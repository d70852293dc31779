"""Load on a served model: 16 clients in one other process, each with one request at a time.

Run it on a quiet machine, with the extras ``cli``, ``serve`` and ``benchmarks``::

    python examples/benchmarks/serve.py             # 2,000 requests of texts and of images
    python examples/benchmarks/serve.py --requests 10000

Two small models are fitted, one of texts and one of images of 64 x 64 pixels, and each is served by
``skmtl serve`` on this machine alone. Every request has one row. Memory is that of the server,
after the first hundred requests and at the end; the processor time is the server's for one request,
and says what a busy machine hides.
"""

import argparse
import base64
import http.client
import io
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from _markdown import header, row
from PIL import Image

N_CLIENTS = 16
N_BODIES = 200  # different requests
WARM = 100


def fit_models(folder):
    """Fit and save a model of texts and one of images; return their files and requests' bodies."""
    from skmtl import MultiTaskClassifier
    from skmtl.datasets import load_emoji

    X, y = load_emoji()
    X, y = X[["text"]].dropna(), y.loc[X["text"].notna(), ["group", "subgroup"]]
    MultiTaskClassifier(epochs=3, random_state=0).fit(X, y).save(folder / "text.skmtl")
    texts = [{"text": text} for text in X["text"].iloc[:N_BODIES]]

    rng = np.random.default_rng(0)
    colour = rng.integers(0, 3, 600)
    images = rng.integers(0, 60, (600, 64, 64, 3), np.uint8)
    images[np.arange(600), :, :, colour] += 150
    X = pd.DataFrame({"photo": list(images)})
    y = pd.DataFrame({"colour": colour, "is_red": colour == 0})
    model = MultiTaskClassifier(epochs=2, random_state=0).fit(X, y)
    model.save(folder / "image.skmtl")
    encoded = []
    for pixels in images[:N_BODIES]:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        encoded.append({"photo": base64.b64encode(file.getvalue()).decode()})
    rows = {"text rows": ("text.skmtl", texts), "64 x 64 images": ("image.skmtl", encoded)}
    return {
        name: (folder / file, [json.dumps({"rows": [row]}).encode() for row in bodies])
        for name, (file, bodies) in rows.items()
    }


class Server:
    """``skmtl serve`` in a process, on a free port."""

    def __init__(self, path):
        words = [sys.executable, "-m", "skmtl.cli", "serve", str(path), "--port", "0"]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise RuntimeError("The server did not start.")

    def processor(self):
        """Return the seconds that its threads have computed."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def memory(self):
        """Return its resident memory in MiB."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def load(port, bodies, n_requests, results):
    """Send requests from threads; put seconds of each, errors and all seconds into a queue."""
    todo, seconds, errors = iter(range(n_requests)), [], []
    lock = threading.Lock()

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Content-Type": "application/json"}
        while True:
            with lock:
                number = next(todo, None)
            if number is None:
                connection.close()
                return
            start = time.perf_counter()
            try:
                connection.request("POST", "/v1/predict", bodies[number % len(bodies)], headers)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200 or not json.loads(content)["predictions"]:
                    errors.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                errors.append(repr(error))
                connection.close()
            seconds.append(time.perf_counter() - start)

    threads = [threading.Thread(target=client) for _ in range(N_CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((seconds, errors, time.perf_counter() - start))


def measure(name, path, bodies, n_requests):
    """Print a row of the table."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()

    def send(n):
        process = context.Process(target=load, args=(server.port, bodies, n, results))
        process.start()
        found = results.get()
        process.join()
        return found

    with Server(path) as server:
        send(WARM)
        before, start = server.memory(), server.processor()
        seconds, errors, total = send(n_requests)
        after, busy = server.memory(), server.processor() - start
    p50, p99 = np.percentile(seconds, [50, 99]) * 1e3
    speed, rise = n_requests / total, after - before
    times = [f"{ms:.1f} ms" for ms in (p50, p99, 1e3 * busy / n_requests)]
    row(
        name,
        f"{n_requests:,}",
        f"{speed:.0f}",
        *times,
        len(errors),
        f"{before:.0f} MiB",
        f"{rise:+.1f} MiB",
    )


def main():
    """Fit, serve, send, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=2000)
    n_requests = parser.parse_args().requests
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        models = fit_models(Path(folder))
        header(
            "requests", "number", "a second", "p50", "p99", "processor", "errors", "memory", "rise"
        )
        for name, (path, bodies) in models.items():
            measure(name, path, bodies, n_requests)
    print(f"{N_CLIENTS} clients, {os.cpu_count()} cores, load before {load_before:.1f}")


if __name__ == "__main__":
    main()
