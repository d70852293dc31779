"""What holds for every answer: who may ask, headers, counts."""

import logging
import time
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders

from skmtl.serve._answers import defect, refusal
from skmtl.serve._refused import RequestRefused

_log = logging.getLogger("uvicorn.error")  # the log of the server
_HEADERS = {
    # the page's parts come from here, and from nowhere else
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Guard:
    """Middleware: refuses foreign hosts and pages, adds headers, counts and times answers.

    Parameters
    ----------
    app : ASGI application
        The next one.
    service : Service
        Keeps the counts.
    hosts : list of str or None
        Names that the server may be called by; None takes all.
    """

    def __init__(self, app, *, service, hosts):
        self.app = app
        self.service = service
        self.hosts = None if hosts is None else {host.lower() for host in hosts}

    async def __call__(self, scope, receive, send):
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status, is_begun = time.perf_counter(), 500, False

        async def send_guarded(message):
            nonlocal status, is_begun
            is_begun = True
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refused = self._refused(Headers(scope=scope), scope["method"])
        try:
            await (refusal(refused) if refused else self.app)(scope, receive, send_guarded)
        except Exception:
            if is_begun:
                raise
            _log.exception("A request failed.")
            await defect()(scope, receive, send_guarded)
        finally:
            path = scope["path"] if scope.get("endpoint") else "other"  # no label per typo
            self.service.metrics.count(path, status, time.perf_counter() - start)

    def _refused(self, headers, method) -> RequestRefused | None:
        """Return why a request is not taken from where it comes from.

        A page elsewhere could send a browser here under another name, or send a form.
        """
        host = headers.get("host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            message = f"the server is not called {host[:100]!r}; allow it with --allow-host."
            return RequestRefused(421, "unknown_host", message)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        is_foreign = origin is not None and origin.partition("://")[2] != host
        # where the browser says it, a proxy may have another name
        is_foreign = site not in ("same-origin", "none") if site else is_foreign
        if is_foreign and method not in ("GET", "HEAD"):  # a link to the page is no harm
            return RequestRefused(
                403, "foreign_page", "requests of other sites' pages are refused."
            )
        return None


def own_names(host) -> list[str] | None:
    """Return what a server that listens on an address may be called; None for any name."""
    try:
        is_local = ip_address(host).is_loopback
    except ValueError:
        is_local = host == "localhost"
    return ["localhost", "127.0.0.1", "[::1]", host] if is_local else None


def _name(host) -> str:
    """Return a host without its port."""
    host, end = host.lower(), host.find("]")
    return host[: end + 1] if host.startswith("[") else host.partition(":")[0]
