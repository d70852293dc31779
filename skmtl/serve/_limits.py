"""What a server takes from one request, and from all of them."""

from dataclasses import dataclass, fields
from typing import final

from skmtl._runtime.checks import as_count, as_number


@final
@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a server takes; what is larger, longer or too many is refused.

    Parameters
    ----------
    body_bytes : int, default=32 MiB
        Length of a request.
    rows : int, default=256
        Rows of a request.
    explained_rows : int, default=4
        Rows of a request that asks for explanations: each costs many predictions.
    image_bytes : int, default=10 MiB
        Length of an encoded image.
    pixels : int, default=25,000,000
        Pixels of an image; it is refused before it is decoded.
    text_characters : int, default=20,000
        Length of a text or a category.
    requests : int, default=64
        Requests at the same time; the next ones are answered with status 503.
    seconds : float, default=30
        Time for reading a request, and for computing the answer.

    Raises
    ------
    TypeError, ValueError
        If a limit is no positive number.

    Examples
    --------
    >>> from skmtl.serve import Limits
    >>> Limits(rows=16).rows
    16
    """

    body_bytes: int = 32 * 2**20
    rows: int = 256
    explained_rows: int = 4
    image_bytes: int = 10 * 2**20
    pixels: int = 25_000_000
    text_characters: int = 20_000
    requests: int = 64
    seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "seconds":
                as_number(field.name, value, low=0, closed="neither")
            else:
                as_count(field.name, value)
