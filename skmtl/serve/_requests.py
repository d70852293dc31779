"""Bodies of requests: their length, their type, and what they hold."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from skmtl.serve._json import parse_json
from skmtl.serve._refused import RequestRefused

JSON, FORM = "application/json", "multipart/form-data"


async def read_rows(request, reader) -> list[dict]:
    """Return the rows of a request.

    Parameters
    ----------
    request : starlette.requests.Request
        JSON or a form.
    reader : CellReader
        Checks the cells.

    Raises
    ------
    RequestRefused
        If it is too long, of another type, or its rows are not those of the model.
    """
    kind = _content_type(request)
    body = await _read_body(request, reader.limits.body_bytes)
    if kind == JSON:
        return reader.of_json(parse_json(body))
    return reader.of_form(await _form_items(request, body, reader))


def read_explanations(request, known) -> list[str]:
    """Return what the address asks to explain: ``?explain=column&explain=word``."""
    found = list(dict.fromkeys(request.query_params.getlist("explain")))
    unknown = [name for name in found if name not in known]
    if unknown:
        message = f"explain must be one of {', '.join(known)}; got {unknown[0][:100]!r}."
        raise RequestRefused(422, "unknown_explanation", message)
    others = sorted(set(request.query_params) - {"explain"})
    if others:
        message = f"the address has an unknown parameter {others[0][:100]!r}; known is explain."
        raise RequestRefused(422, "unknown_parameter", message)
    return found


def _content_type(request) -> str:
    header = request.headers.get("content-type", "")
    kind, _, rest = header.partition(";")
    kind = kind.strip().lower()
    charset = rest.strip().lower().replace('"', "")
    is_utf8 = charset in ("", "charset=utf-8", "charset=utf8")
    encoding = request.headers.get("content-encoding", "identity")
    if kind not in (JSON, FORM) or (kind == JSON and not is_utf8) or encoding != "identity":
        message = (
            f"the content type must be {JSON} in UTF-8 or {FORM}, not compressed; got "
            f"{header[:100]!r}, content encoding {encoding[:100]!r}."
        )
        raise RequestRefused(415, "content_type", message)
    return kind


async def _read_body(request, most) -> bytes:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 15 or int(length) > most:
        raise _too_long(most)
    parts, n_bytes = [], 0
    async for part in request.stream():
        n_bytes += len(part)
        if n_bytes > most:
            raise _too_long(most)
        parts.append(part)
    return b"".join(parts)


def _too_long(most) -> RequestRefused:
    return RequestRefused(413, "body_too_long", f"a request has at most {most:,} bytes.")


async def _form_items(request, body, reader) -> list[tuple]:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    n_columns = len(reader.kinds)
    try:
        form = await Request(request.scope, receive).form(
            max_files=n_columns,
            max_fields=n_columns,
            max_part_size=4 * reader.limits.text_characters + 1024,
        )
    except (HTTPException, KeyError, ValueError) as error:
        reason = getattr(error, "detail", "") or "a part has no name"
        raise RequestRefused(400, "malformed_form", f"the form is malformed: {reason}") from None
    try:
        return [
            (name, value if isinstance(value, str) else await value.read())
            for name, value in form.multi_items()
        ]
    finally:
        await form.close()
