"""JSON to bytes and back, with bounds on what parsing may take."""

import json
import math

from skmtl.exceptions import ModelFileError

MAX_DEPTH = 100
# a list or an object takes up to 200 bytes of memory and may be written in two: at most one per 16
# bytes of text, beside a few that small texts may have
_FREE_CONTAINERS = 10_000
_BYTES_PER_CONTAINER = 16


def dump_json(node) -> bytes:
    """Return JSON as bytes; NaN has no place in it.

    Raises
    ------
    TypeError
        If `parse_json` would refuse the text.
    """
    content = json.dumps(node, allow_nan=False, separators=(",", ":")).encode("ascii")
    trouble = _find_trouble(content) or _find_depth(node)
    if trouble:
        raise TypeError(f"The values cannot be saved: they have {trouble}.")
    return content


def parse_json(content):
    """Return parsed JSON.

    Raises
    ------
    ModelFileError
        If it is no JSON, nested too deeply, made of small lists, has NaN or infinity, or the same
        key twice.
    """
    trouble = _find_trouble(content)
    try:
        if trouble is None:
            node = json.loads(
                content.decode("ascii"),
                parse_constant=_refuse_constant,
                parse_float=_finite,
                object_pairs_hook=_object,
            )
            trouble = _find_depth(node)
    except (ValueError, RecursionError) as error:
        trouble = str(error)
    if trouble:
        raise ModelFileError(f"the manifest is malformed: {trouble}")
    return node


def _find_trouble(content) -> str | None:
    n_containers = content.count(b"[") + content.count(b"{")
    if n_containers > _FREE_CONTAINERS + len(content) // _BYTES_PER_CONTAINER:
        return f"{n_containers} lists and objects in {len(content)} bytes"
    return None


def _find_depth(node) -> str | None:
    level = [node]
    for _ in range(MAX_DEPTH):
        parts = (one.values() if type(one) is dict else one for one in level)
        level = [part for some in parts for part in some if type(part) in (dict, list)]
        if not level:
            return None
    return f"more than {MAX_DEPTH} levels"


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large")
    return number


def _object(pairs):
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("an object has the same key twice")
    return result
