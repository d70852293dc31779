"""Answers in JSON, those of refusals and defects among them."""

import json

from starlette.responses import Response

from skmtl.serve._refused import RequestRefused

_UNREAD = (408, 413, 503)  # what was not read of the request is not the next one


def as_json(value, status=200) -> Response:
    """Return an answer in JSON."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), status, media_type="application/json")


def refusal(refused) -> Response:
    """Return the answer that says why a request is refused."""
    response = as_json(refused.body, refused.status)
    if refused.status in _UNREAD:
        response.headers["Connection"] = "close"
    if refused.status == 503:
        response.headers["Retry-After"] = "1"
    return response


async def on_refused(request, error) -> Response:  # noqa: ARG001
    """Answer a request that is refused."""
    return refusal(error)


async def on_http_error(request, error) -> Response:  # noqa: ARG001
    """Answer a request for what is not there, or with another method."""
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    response = refusal(RequestRefused(error.status_code, code, f"{error.detail}."))
    response.headers.update(error.headers or {})
    return response


def defect() -> Response:
    """Return the answer to a request that the server failed at: nothing of the traceback."""
    return refusal(RequestRefused(500, "defect", "the server failed; its log says how."))
