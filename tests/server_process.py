"""``skmtl serve`` as a process."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def server_process(model, *words):
    """Give the process that serves a file, and its port; stop it in the end."""
    command = [
        sys.executable,
        "-W",
        "default",
        "-m",
        "skmtl.cli",
        "serve",
        str(model),
        "--port",
        "0",
    ]
    with subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True) as process:
        try:
            printed = []
            for line in process.stderr:
                printed.append(line)
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                    yield process, int(found[1])
                    return
            raise AssertionError(f"The server did not start: {''.join(printed)}")
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    process.kill()
