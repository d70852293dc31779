"""The interface as a document."""

from serving import Client


def test_the_document_describes_columns_and_tasks(cold_app):
    found = Client(cold_app).get("/openapi.json").json()
    assert found["openapi"].startswith("3.")
    assert set(found["paths"]) == {"/v1/predict", "/v1/model", "/health", "/metrics"}
    post = found["paths"]["/v1/predict"]["post"]
    content = post["requestBody"]["content"]
    rows = content["application/json"]["schema"]["properties"]["rows"]
    assert set(rows["items"]["properties"]) == {"photo", "title", "price", "noise", "brand"}
    assert rows["maxItems"] == 256
    assert rows["items"]["additionalProperties"] is False
    assert content["multipart/form-data"]["schema"]["properties"]["photo"]["format"] == "binary"
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]
    tasks = answer["properties"]["predictions"]["items"]["properties"]
    assert set(tasks["corner"]["properties"]["probabilities"]["properties"]) == {"bright", "dark"}
    assert "probabilities" not in tasks["weight"]["properties"]
    assert post["parameters"][0]["schema"]["items"]["enum"] == ["column", "word", "region"]


def test_every_path_is_there(cold_app):
    paths = Client(cold_app).get("/openapi.json").json()["paths"]
    known = {route.path for route in cold_app.routes}
    assert set(paths) <= known
