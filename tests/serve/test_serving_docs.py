"""The page on serving, word by word: its programs and its commands, in order, in an empty folder."""

import contextlib
import io
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from skmtl.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "serving.md"
BLOCK = re.compile(
    r"(<!-- left out by the test.*?-->\n)?```(python|bash)\n(.*?)```\n(?:\n```text\n(.*?)```)?",
    re.S,
)

pytestmark = pytest.mark.slow  # fits networks and starts a server


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_for(address, process):
    for _ in range(600):
        assert process.poll() is None, "the server has ended"
        try:
            with urlopen(address):
                return
        except (URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


@pytest.mark.skipif(shutil.which("curl") is None, reason="one command is curl")
def test_every_block_of_the_page_runs(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    port, names, server = free_port(), {"__name__": "page"}, None
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8").replace(":8000", f":{port}"))
    assert len(blocks) == 8
    try:
        for is_left_out, language, code, printed in blocks:
            if is_left_out:
                continue
            if language == "python":
                out = io.StringIO()
                with contextlib.redirect_stdout(out):
                    exec(compile(code, str(PAGE), "exec"), names)
                assert out.getvalue() == printed
            elif code.startswith("skmtl serve"):
                server = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "skmtl.cli",
                        *shlex.split(code)[1:3],
                        "--port",
                        str(port),
                    ]
                )
                wait_for(f"http://127.0.0.1:{port}/health", server)
            elif code.startswith("skmtl"):  # in this process: a start takes seconds
                for line in code.replace("\\\n", " ").splitlines():
                    assert main(shlex.split(line)[1:]) == 0, line
                if "skmtl fit" in code:
                    assert "row 7" in capfd.readouterr().err, "the broken image is named"
            else:
                done = subprocess.run(code, shell=True, capture_output=True, text=True, check=True)
                assert "predictions" in done.stdout
    finally:
        if server is not None:
            server.terminate()
            assert server.wait(60) == 0
    assert len(Path("predicted.csv").read_text(encoding="utf-8").splitlines()) == 121
