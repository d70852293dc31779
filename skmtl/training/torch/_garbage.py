"""Memory that Keras' layers hold on to on PyTorch."""

import gc
from contextlib import contextmanager


@contextmanager
def freed():
    """Free, on the way out, what was made within.

    Keras walks through the inputs of each layer with functions that refer to themselves, and to the
    inputs: until Python looks for such cycles, every layer's input, and with it the graph that
    gradients are taken from, stays in memory. Python looks when it has counted enough objects,
    whatever their size. What was made within is young and looked through in no time, as long as
    nothing else looks in between and so makes it old.
    """
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if is_on:
            gc.enable()
