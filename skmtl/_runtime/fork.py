"""Recognise a process that was forked from one in which TensorFlow had started.

The child has TensorFlow's queues but none of the threads that work on them: the first compiled call
would wait forever. Only a new process (spawn, a fork server, joblib's loky) can start its own.
"""

import os

from skmtl.exceptions import ForkedProcessError

_forked = False


def _note_fork():
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def refuse_forked_process():
    """Raise an error where a network would never answer."""
    if _forked:
        raise ForkedProcessError(
            "A network cannot be used in a process that was forked after skmtl had started "
            "TensorFlow: it would wait forever. Start workers with "
            "multiprocessing.get_context('spawn') or joblib's backend 'loky'."
        )
