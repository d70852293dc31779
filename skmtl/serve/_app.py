"""The application: which address answers what."""

import asyncio
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from skmtl.serve._answers import as_json, on_http_error, on_refused
from skmtl.serve._batches import Batcher
from skmtl.serve._cells import CellReader
from skmtl.serve._guard import Guard
from skmtl.serve._limits import Limits
from skmtl.serve._metrics import Metrics
from skmtl.serve._openapi import openapi
from skmtl.serve._refused import RequestRefused
from skmtl.serve._requests import read_explanations, read_rows
from skmtl.serve._served import ServedModel

_PAGE = {"/": "index.html"} | {f"/{n}": n for n in ("page.css", "page.js", "answer.js", "words.js")}
_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


class Service:
    """What the requests of one server share.

    Parameters
    ----------
    served : ServedModel
        The model.
    limits : Limits
        Of the requests.
    """

    def __init__(self, served, limits):
        self.served = served
        self.limits = limits
        self.cells = CellReader(served.kinds, limits)
        self.batcher = Batcher(served)
        self.metrics = Metrics()
        self.n_running = 0
        self.is_stopping = False

    async def predict(self, request):
        """Answer a request for predictions."""
        by = read_explanations(request, self.served.explanations)
        if self.is_stopping or self.n_running >= self.limits.requests:
            reason = "it stops" if self.is_stopping else "too many requests run"
            raise RequestRefused(503, "unavailable", f"the server takes no more: {reason}.")
        self.n_running += 1
        seconds = self.limits.seconds
        try:
            rows = await in_time(seconds, read_rows(request, self.cells), 408, "slow_request")
            if by and len(rows) > self.limits.explained_rows:
                message = f"explanations are for up to {self.limits.explained_rows} rows."
                raise RequestRefused(413, "number_of_rows", message)
            predictions, explained = await in_time(
                seconds, self._compute(rows, by), 504, "slow_answer"
            )
        finally:
            self.n_running -= 1
        answer = {"predictions": predictions}
        return as_json(answer if explained is None else answer | {"explanations": explained})

    async def _compute(self, rows, by):
        table = await run_in_threadpool(self.served.read, rows)
        return await self.batcher.compute(table, by)

    async def health(self, request):  # noqa: ARG002
        """Answer whether requests are taken."""
        status = "stopping" if self.is_stopping else "ok"
        return as_json({"status": status}, 503 if self.is_stopping else 200)

    async def metrics_text(self, request):  # noqa: ARG002
        """Answer with counts and times."""
        text = self.metrics.text(
            running=self.n_running,
            rows_total=self.batcher.n_rows,
            batches_total=self.batcher.n_batches,
        )
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


async def in_time(seconds, work, status, code):
    """Return what is awaited; refuse the request if it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        message = f"it took longer than {seconds:g} seconds."
        raise RequestRefused(status, code, message) from None


def create_app(
    model: Any, *, limits: Limits | None = None, name: str = "model", hosts: Any = None
) -> Starlette:
    """Return an ASGI application that answers requests with a model.

    It answers ``POST /v1/predict`` (JSON or a form), ``GET /v1/model``, ``/health``, ``/metrics``,
    ``/openapi.json``, and ``/``: a page to try the model. What requests need is compiled here,
    which takes seconds.

    Parameters
    ----------
    model : MultiTaskClassifier, MultiTaskRegressor or MultiTaskEstimator
        Fitted.
    limits : Limits, default=None
        What is refused; None is ``Limits()``.
    name : str, default="model"
        What the page calls the model.
    hosts : list of str, default=None
        Names that the server may be called by, without port; None takes all.

    Returns
    -------
    starlette.applications.Starlette
        For any ASGI server, in one process.

    Raises
    ------
    TypeError, ValueError
        If the model is not fitted, or on cells that no request can have, such as token ids.

    See Also
    --------
    run : Serves it until it is stopped.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmtl import MultiTaskRegressor
    >>> from skmtl.serve import create_app
    >>> X = pd.DataFrame({"x": [1.0, 2.0]})
    >>> app = create_app(MultiTaskRegressor().initialize(X, X["x"]))
    >>> "/v1/predict" in [route.path for route in app.routes]
    True
    """
    served = ServedModel(model, name)
    served.warm_up()
    service = Service(served, limits or Limits())
    described = as_json(served.describe() | {"limits": vars(service.limits)})
    document = as_json(openapi(served, service.limits))
    pages = {path: _page(file) for path, file in _PAGE.items()}

    def fixed(response):
        async def answer(request):  # noqa: ARG001
            return response

        return answer

    @asynccontextmanager
    async def lifespan(_app):
        yield
        await run_in_threadpool(service.batcher.close)

    app = Starlette(
        routes=[
            Route("/v1/predict", service.predict, methods=["POST"]),
            Route("/v1/model", fixed(described)),
            Route("/health", service.health),
            Route("/metrics", service.metrics_text),
            Route("/openapi.json", fixed(document)),
            *(Route(path, fixed(response)) for path, response in pages.items()),
        ],
        middleware=[Middleware(Guard, service=service, hosts=hosts)],
        exception_handlers={RequestRefused: on_refused, HTTPException: on_http_error},
        lifespan=lifespan,
    )
    app.state.service = service
    return app


def _page(name) -> Response:
    content = files("skmtl.serve").joinpath("page", name).read_bytes()
    return Response(content, media_type=_TYPES[name.rpartition(".")[2]])
