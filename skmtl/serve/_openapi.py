"""The interface of one served model as an OpenAPI document."""

from http import HTTPStatus

from skmtl.serve._served import details_of

_CELLS = {
    "image": {"type": ["string", "null"], "contentEncoding": "base64"},
    "text": {"type": ["string", "null"]},
    "number": {"type": ["number", "boolean", "null"]},
    "category": {"type": ["string", "number", "boolean", "null"]},
}
_FORM_CELLS = {"image": {"type": "string", "format": "binary"}, "number": {"type": "number"}}
_REFUSALS = (400, 403, 408, 413, 415, 422, 503, 504)


def openapi(served, limits) -> dict:
    """Return the document.

    Parameters
    ----------
    served : ServedModel
        Gives columns and tasks.
    limits : Limits
        Give the largest number of rows.
    """
    kinds = {name: kind for name, kind in served.kinds.items() if kind != "drop"}
    row = _object({name: _CELLS[kind] for name, kind in kinds.items()})
    form = _object({n: _FORM_CELLS.get(kind, {"type": "string"}) for n, kind in kinds.items()})
    rows = {"type": "array", "minItems": 1, "maxItems": limits.rows, "items": row}
    explain = {
        "name": "explain",
        "in": "query",
        "description": "What to explain; several may be asked for.",
        "schema": {"type": "array", "items": {"enum": served.explanations}},
    }
    predict = {
        "summary": "Predictions of rows; a column that a row does not have is missing.",
        "parameters": [explain],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _object({"rows": rows}, ["rows"])},
                "multipart/form-data": {"schema": form},
            },
        },
        "responses": {
            "200": _response("Predictions, one a row.", _answer(served)),
            **{str(status): _refusal(status) for status in _REFUSALS},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"skmtl: {served.name}", "version": "1"},
        "paths": {
            "/v1/predict": {"post": predict},
            "/v1/model": {"get": _get("Columns, tasks and limits.")},
            "/health": {"get": _get("Whether requests are taken.")},
            "/metrics": {"get": _get("Counts and times for Prometheus.", "text/plain")},
        },
    }


def _object(properties, required=()) -> dict:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | {"required": list(required)} if required else found


def _answer(served) -> dict:
    tasks = {}
    for name, kind in zip(served.fitted.tasks.names, served.fitted.tasks.kinds, strict=True):
        tasks[name] = {"type": "object", "properties": {"prediction": {}}}
        detail, labels = details_of(kind)
        if detail:
            shares = _object({label: {"type": "number"} for label in labels})
            tasks[name]["properties"][detail] = shares
    row = {"type": "object", "properties": tasks}
    explanations = {"type": "array", "items": {"type": "object"}}
    return {
        "type": "object",
        "properties": {
            "predictions": {"type": "array", "items": row},
            "explanations": explanations,
        },
    }


def _response(description, schema, kind="application/json") -> dict:
    return {"description": description, "content": {kind: {"schema": schema}}}


def _refusal(status) -> dict:
    error = {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "row": {"type": "integer"},
        "column": {"type": "string"},
    }
    return _response(HTTPStatus(status).phrase, _object({"error": _object(error)}, ["error"]))


def _get(summary, kind="application/json") -> dict:
    schema = {"type": "string" if kind == "text/plain" else "object"}
    return {"summary": summary, "responses": {"200": _response(summary, schema, kind)}}
