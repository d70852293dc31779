"""What each address answers."""

import asyncio
import math

import numpy as np
import pytest
from serving import Client, as_base64, png

from skmtl.serve import Limits, create_app

pytestmark = pytest.mark.slow  # the served model is compiled

HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
)


def as_json(row):
    """Return a row of the table as a request has it."""
    cells = row.to_dict()
    return cells | {"photo": as_base64(png(cells["photo"]))}


def check_row(answer, model, X, row):
    """Compare the answer of one row with what the model predicts."""
    expected = model.predict_frame(X).iloc[row]
    shares = model.predict_frame(X, proba=True).iloc[row]
    assert list(answer) == model.task_names_
    for task, found in answer.items():
        prediction, label = found["prediction"], expected[task]
        if model.task_kinds_[task] == "number":
            assert math.isclose(prediction, label, rel_tol=1e-5)
            continue
        assert prediction == (list(label) if isinstance(label, tuple) else label)
        assert list(found["probabilities"].values()) == pytest.approx(
            shares[task].tolist(), abs=1e-6
        )
        assert list(found["probabilities"]) == [str(label) for label in shares[task].index]


def test_json_rows_have_the_predictions_of_the_model(client, served_model, served_rows):
    rows = [as_json(served_rows.iloc[row]) for row in range(3)]
    answer = client.predict(rows)
    assert answer.status_code == 200
    assert set(answer.json()) == {"predictions"}
    for row, found in enumerate(answer.json()["predictions"]):
        check_row(found, served_model, served_rows, row)


def test_missing_cells_are_absent_or_null(client, served_model, served_rows):
    X = served_rows[:1].assign(photo=None, price=None)
    row = {"title": X["title"][0], "noise": X["noise"][0], "brand": X["brand"][0], "photo": None}
    check_row(client.predict([row]).json()["predictions"][0], served_model, X, 0)
    assert client.predict([{}]).status_code == 200


def test_a_form_is_one_row(client, served_model, served_rows):
    X = served_rows[5:6].reset_index(drop=True).assign(noise=0.25)
    cells = X.iloc[0]
    answer = client.predict(
        files={"photo": ("a.png", png(cells["photo"]), "image/png")},
        data={
            "title": cells["title"],
            "price": repr(float(cells["price"])),
            "brand": "b",
            "noise": "2.5e-1",
        },
    )
    assert answer.status_code == 200
    check_row(answer.json()["predictions"][0], served_model, X.assign(brand="b"), 0)


def test_explanations_are_those_of_the_model(client, served_model, served_rows):
    row = as_json(served_rows.iloc[0])
    query = "?explain=column&explain=word&explain=region"
    (found,) = client.predict([row], query).json()["explanations"]
    for by in ("column", "word", "region"):
        expected = served_model.explain(served_rows[:1], by=by).drop(columns="row")
        assert [list(part) for part in found[by]] == [list(expected.columns)] * len(expected)
        values = [part["contribution"] for part in found[by]]
        assert values == pytest.approx(expected["contribution"].tolist(), abs=1e-5)


def test_requests_at_the_same_time_share_calls_and_keep_their_rows(
    client, served_model, served_rows
):
    batcher = client.app.state.service.batcher
    before, n_rows = batcher.n_batches, batcher.n_rows
    sent = [
        ("POST", "/v1/predict", {"json": {"rows": [as_json(served_rows.iloc[row])]}})
        for row in range(40)
    ]
    answers = client.all(sent)
    for row, answer in enumerate(answers):
        check_row(answer.json()["predictions"][0], served_model, served_rows, row)
    assert batcher.n_rows - n_rows == 40
    assert batcher.n_batches - before < 40


def test_the_model_describes_itself(client):
    found = client.get("/v1/model").json()
    columns = {column["name"]: column for column in found["columns"]}
    assert [columns[name]["kind"] for name in ("photo", "title", "price", "brand")] == [
        "image", "text", "number", "category",
    ]  # fmt: skip
    assert columns["brand"]["categories"] == ["a", "b", "c"]
    assert (columns["photo"]["height"], columns["photo"]["resized"]) == (16, False)
    assert abs(columns["price"]["middle"]) < 1
    assert {task["name"]: task["kind"] for task in found["tasks"]}["grade"] == "ordinal"
    assert found["explain"] == ["column", "word", "region"]
    assert found["limits"]["rows"] == 256


def test_health_and_metrics(client):
    assert client.get("/health").json() == {"status": "ok"}
    client.predict([{"price": 1}])
    client.predict([{"nope": 1}])
    text = client.get("/metrics").text
    assert 'skmtl_requests_total{path="/v1/predict",status="422"}' in text
    assert "skmtl_rows_total" in text
    assert "skmtl_running 0" in text


# -- limits ---------------------------------------------------------------------------------


@pytest.fixture
def small(served_model):
    """A client with narrow limits."""
    limits = Limits(rows=2, explained_rows=1, requests=1, seconds=0.4, text_characters=10)
    return Client(create_app(served_model, limits=limits))


def test_busy_slow_and_stopping(small, monkeypatch):
    service = small.app.state.service
    requests = [("POST", "/v1/predict", {"json": {"rows": [{"price": 1}]}})] * 2
    outputs = service.served.outputs
    monkeypatch.setattr(service.served, "outputs", lambda table: slow(outputs, table))
    busy, late = sorted(small.all(requests), key=lambda answer: answer.status_code)
    assert (busy.status_code, late.status_code) == (503, 504)
    assert busy.headers["retry-after"] == "1"
    assert late.json()["error"]["code"] == "slow_answer"
    assert service.n_running == 0
    monkeypatch.undo()
    service.is_stopping = True
    assert small.predict([{"price": 1}]).status_code == 503
    assert small.get("/health").json() == {"status": "stopping"}


def slow(outputs, table):
    import time

    time.sleep(1)
    return outputs(table)


def test_a_slow_upload_is_refused(small):
    async def drip():
        yield b'{"rows"'
        await asyncio.sleep(2)
        yield b": [{}]}"

    answer = small.predict(content=drip(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 408


def test_numbers_of_rows(small):
    assert small.predict([{}] * 3).status_code == 413
    assert small.predict([{}] * 2, "?explain=column").status_code == 413
    assert small.predict([{"title": "a" * 11}]).json()["error"]["code"] == "text_too_long"


def test_a_defect_shows_no_traceback(client, monkeypatch, caplog):
    def fail(_table):
        raise RuntimeError("secret")

    monkeypatch.setattr(client.app.state.service.served, "outputs", fail)
    answer = client.predict([{"price": 1}])
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "defect"
    assert "secret" not in answer.text
    assert "secret" in caplog.text, "the log has it"
    assert all(name in answer.headers for name in HEADERS)
    monkeypatch.undo()
    assert client.predict([{"price": 1}]).status_code == 200, "the thread goes on"


def test_what_is_no_model():
    with pytest.raises(TypeError, match="must be one of MultiTaskClassifier"):
        create_app(np.zeros(3))
