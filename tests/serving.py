"""A client of an application within the process."""

import asyncio
import base64
import io

import httpx
import numpy as np
from PIL import Image


class Client:
    """Sends requests to an ASGI application.

    Parameters
    ----------
    app : ASGI application
        Of `create_app`.
    """

    def __init__(self, app):
        self.app = app

    def request(self, method, path, **options):
        """Return the answer to one request."""
        return self.all([(method, path, options)])[0]

    def get(self, path, **options):
        """Return the answer to a GET."""
        return self.request("GET", path, **options)

    def predict(self, rows=None, query="", **options):
        """Return the answer to rows in JSON, or to what the options say."""
        options = options if rows is None else {"json": {"rows": rows}, **options}
        return self.request("POST", f"/v1/predict{query}", **options)

    def all(self, requests):
        """Return the answers to requests at the same time."""

        async def send():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                calls = (
                    client.request(method, path, **options) for method, path, options in requests
                )
                return await asyncio.gather(*calls)

        return asyncio.run(send())


def png(pixels=None, size=(16, 16), mode="RGB"):
    """Return the bytes of an image file."""
    image = Image.new(mode, size) if pixels is None else Image.fromarray(np.asarray(pixels))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def as_base64(content):
    """Return bytes as JSON has them."""
    return base64.b64encode(content).decode()
