"""A fitted estimator behind HTTP: JSON and forms in, predictions and explanations out, and a page.

It needs the extra ``skmtl[serve]``.
"""

from importlib.util import find_spec

_MISSING = [
    name for name in ("starlette", "uvicorn", "python_multipart") if find_spec(name) is None
]
if _MISSING:
    raise ImportError(
        f"The server needs {', '.join(_MISSING)}: install skmtl with the extra 'serve', in a clone "
        "with  pip install -e '.[serve]'."
    )

from skmtl.serve._app import create_app  # noqa: E402
from skmtl.serve._limits import Limits  # noqa: E402
from skmtl.serve._run import run  # noqa: E402

__all__ = ["Limits", "create_app", "run"]
