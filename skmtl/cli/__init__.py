"""The command line: ``skmtl fit``, ``evaluate``, ``predict``, ``compare``, ``inspect``, ``serve``.

Every command is a few lines over the public names of the package; nothing is learned here.
"""

import sys
from collections.abc import Sequence
from importlib.util import find_spec


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 2 for wrong use, 1 for a defect.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Words after ``skmtl``; None takes those of the process.
    """
    missing = [name for name in ("click", "rich") if find_spec(name) is None]
    if missing:
        print(
            f"The command line needs {' and '.join(missing)}: install skmtl with the extra 'cli', "
            "in a clone with  pip install -e '.[cli]'.",
            file=sys.stderr,
        )
        return 2
    from skmtl.cli._errors import run  # these need click and rich

    return run(sys.argv[1:] if arguments is None else list(arguments))
