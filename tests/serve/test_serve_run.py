"""A server in a process: it answers, and stops after what it computes."""

import http.client
import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from server_process import server_process
from serving import as_base64, png

from skmtl.cli import main
from skmtl.serve import run

pytestmark = pytest.mark.slow  # starts a process

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def model_file(served_model, tmp_path_factory):
    """The served model in a file."""
    path = tmp_path_factory.mktemp("serve") / "mixed.skmtl"
    served_model.save(path)
    return path


def ask(port, row):
    """Return the status and the content of an answer to one row."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/v1/predict", json.dumps({"rows": [row]}), JSON)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_many_clients_at_once_and_a_graceful_stop(model_file):
    with server_process(model_file) as (process, port):
        with ThreadPoolExecutor(20) as pool:
            rows = [{"price": number / 10} for number in range(20)]
            found = list(pool.map(lambda row: ask(port, row), rows))
        assert [status for status, _ in found] == [200] * 20
        alone = ask(port, rows[7])[1]["predictions"][0]["weight"]["prediction"]
        together = found[7][1]["predictions"][0]["weight"]["prediction"]
        assert together == pytest.approx(alone, rel=1e-5)
        check_graceful_stop(process, port)


def check_graceful_stop(process, port):
    """Send a signal while a request runs: one whose body comes slowly."""
    row = {"photo": as_base64(png()), "title": "一 好", "price": 1.5}
    text = json.dumps({"rows": [row]}).encode()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest("POST", "/v1/predict")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(text)))
        connection.endheaders(text[:10])
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        status, content = ask(port, row)
        assert (status, content["error"]["code"]) == (503, "unavailable")
        connection.send(text[10:])
        answer = connection.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["predictions"]
    assert process.wait(60) == 0
    assert "Stopped" in process.stderr.read()


def test_wrong_use_is_one_sentence(model_file, served_model, capfd):
    assert main(["serve", str(model_file), "--limit", "row=3"]) == 2
    assert "'row' is none of body_bytes, rows" in capfd.readouterr().err
    assert main(["serve", str(model_file), "--limit", "rows=0"]) == 2
    assert "rows must be an int >= 1" in capfd.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", str(model_file), "--port", str(port)]) == 2
        assert "Address already in use" in capfd.readouterr().err
        with pytest.raises(OSError, match="Address already in use"):
            run(served_model, port=port)
