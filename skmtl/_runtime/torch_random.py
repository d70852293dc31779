"""PyTorch's random state, which belongs to the process, seeded for a while and put back.

Keras' layers draw their dropout masks from it on PyTorch; there is no generator to hand to them.
"""

from contextlib import contextmanager

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
    torch.manual_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
