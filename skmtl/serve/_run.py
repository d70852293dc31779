"""Serving until a signal says stop."""

import socket
from collections.abc import Callable
from typing import Any, final

import uvicorn

from skmtl.serve._app import create_app
from skmtl.serve._guard import own_names
from skmtl.serve._limits import Limits

_MOST_CONNECTIONS = 1000


@final
class Server(uvicorn.Server):
    """Ends after the requests that run; those that come meanwhile are answered with 503."""

    def __init__(self, config, service, ready):
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets=None):
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig, frame):
        """Take no more requests after the first signal; end at once after the second."""
        if self._service.is_stopping:
            super().handle_exit(sig, frame)
        self._service.is_stopping = True

    async def on_tick(self, counter):
        """Return whether it is time to end."""
        if self._service.is_stopping and not self._service.n_running:
            self.should_exit = True
        return await super().on_tick(counter)


def run(
    model: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    name: str = "model",
    hosts: Any = None,
    on_ready: Callable[[str], object] | None = None,
) -> None:
    """Serve a model until Ctrl-C or SIGTERM.

    Requests that run then are answered; new ones get status 503. A second signal ends at once.

    Parameters
    ----------
    model : MultiTaskClassifier, MultiTaskRegressor or MultiTaskEstimator
        Fitted.
    host : str, default="127.0.0.1"
        Address to listen on. Only this machine reaches the default; there is no encryption and no
        password, so put what has both before any other.
    port : int, default=8000
        Port; 0 takes a free one.
    limits : Limits, default=None
        What is refused; None is ``Limits()``.
    name : str, default="model"
        What the page calls the model.
    hosts : list of str, default=None
        Names that the server may be called by, besides those of this machine if it listens on
        nothing else; None takes these alone, and all names if others reach it.
    on_ready : callable, default=None
        Called with the address when requests are taken.

    Raises
    ------
    TypeError, ValueError
        As `create_app`.
    OSError
        If the port is taken.

    See Also
    --------
    create_app : The application alone, for another server.

    Examples
    --------
    >>> from skmtl.serve import run
    >>> run("model.skmtl")
    Traceback (most recent call last):
    TypeError: model must be one of MultiTaskClassifier, ...; got a str.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = own_names(host)
    allowed = [*(own or ()), *hosts] if hosts else own
    app = create_app(model, limits=limits, name=name, hosts=allowed)
    with socket.create_server((host, port), family=family) as listening:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=2**16,
        )
        ready = (lambda: on_ready(address)) if on_ready else (lambda: None)
        Server(config, app.state.service, ready).run(sockets=[listening])
