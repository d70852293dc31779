"""PyTorch's random state, which belongs to the process, seeded for a while and put back.

Keras' layers draw their dropout masks from it on PyTorch; there is no generator to hand to them.
"""

from contextlib import contextmanager
from functools import cache

import numpy as np
import torch


@contextmanager
def torch_random_kept():
    """Put PyTorch's random state back after the block, that of this thread's GPU included."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        yield


def seed_torch(*key):
    """Seed PyTorch from numbers; only within `torch_random_kept`."""
    seed = int(np.random.SeedSequence(key).generate_state(1)[0])
    if _has_accelerator():
        torch.manual_seed(seed)
    else:
        # the same for the processor; manual_seed also notes where it was called from, for a GPU
        # that might be used later, which takes a third of a millisecond at every step
        torch.default_generator.manual_seed(seed)


@cache  # asking takes a tenth of a millisecond
def _has_accelerator():
    return torch.accelerator.is_available()
