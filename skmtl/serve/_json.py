"""Strict JSON: what the standard says, and no name twice."""

import json

from skmtl.serve._refused import RequestRefused


def parse_json(body):
    """Return what the bytes of a request hold.

    Raises
    ------
    RequestRefused
        If they are no JSON in UTF-8, have NaN or infinity, a name twice, or are nested too deeply.
    """
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise _malformed("it is nested too deeply") from None
    except ValueError as error:  # also UnicodeDecodeError, and numbers of very many digits
        raise _malformed(str(error)) from None


def _object(pairs) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(f"an object has the name {twice[:100]!r} twice")
    return found


def _refuse_constant(word):
    raise _malformed(f"{word} is no JSON; a missing number is null")


def _malformed(reason) -> RequestRefused:
    return RequestRefused(400, "malformed_json", f"the body is no JSON that is taken: {reason}.")
