"""What holds for every answer."""

import pytest
from serving import Client

from skmtl.serve import create_app
from skmtl.serve._guard import own_names

HEADERS = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
)


@pytest.fixture
def client(cold_app):
    """A client of an application that was not warmed up."""
    return Client(cold_app)


@pytest.mark.parametrize("path", ["/", "/page.js", "/answer.js", "/words.js", "/page.css"])
def test_the_page_needs_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/v1/model", "/nope"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    assert all(name in answer.headers for name in HEADERS)
    assert "access-control-allow-origin" not in answer.headers


def test_other_addresses_and_methods(client):
    assert client.get("/nope").json()["error"]["code"] == "not_found"
    answer = client.get("/v1/predict")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
def test_pages_of_other_sites_are_refused(client, origin):
    answer = client.predict([{}], headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_page"


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)],
)
def test_what_the_browser_says_of_the_page_counts(client, site, status):
    headers = {"Sec-Fetch-Site": site, "Origin": "https://behind.a.proxy"}
    expected = 403 if status == 403 else 422  # what is sent are no rows
    assert client.predict(json=[], headers=headers).status_code == expected
    assert client.get("/", headers=headers).status_code == 200, "a link may lead to the page"


def test_the_own_page_is_not_refused(client):
    assert client.predict(json=[], headers={"Origin": "http://localhost"}).status_code == 422


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("LOCALHOST:8000", 200), ("127.0.0.1:80", 200), ("[::1]:80", 200),
     ("evil.example", 421), ("localhost.evil.example", 421), ("", 421)],
)  # fmt: skip
def test_foreign_names_are_refused(served_model, monkeypatch, host, status):
    monkeypatch.setattr("skmtl.serve._served.ServedModel.warm_up", lambda _self: None)
    app = create_app(served_model, hosts=own_names("127.0.0.1"))
    assert Client(app).get("/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_local_server_has_local_names(host):
    assert "localhost" in own_names(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "server.example"])
def test_a_server_for_others_has_any_name(host):
    assert own_names(host) is None
