"""Signals held back while Keras and TensorFlow build a network.

An exception of a signal handler, such as KeyboardInterrupt, that is raised while TensorFlow calls
Python can end the process with a segmentation fault. Handlers are process-wide: they are replaced
for that time only, in the main thread, which alone runs them.
"""

import signal
import threading
from contextlib import ExitStack, contextmanager


@contextmanager
def interrupts_held():
    """Run the handlers of signals that arrive in the block when the block ends.

    A signal that arrives a second time is handled at once: the first part of a build may be a
    download of weights, which a user must be able to stop.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = sorted(signal.valid_signals())
    handlers = {number: signal.getsignal(number) for number in numbers}
    handlers = {number: handler for number, handler in handlers.items() if callable(handler)}
    received = []

    def hold(number, frame):
        if number in received:
            handlers[number](number, frame)
        else:
            received.append(number)

    try:
        for number in handlers:
            signal.signal(number, hold)
        yield
    finally:
        with ExitStack() as pending:  # all of them, also if one raises
            for number in reversed(received):
                pending.callback(signal.raise_signal, number)
            for number, handler in handlers.items():
                signal.signal(number, handler)
