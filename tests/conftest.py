"""What all tests share: real data beside the repository, where it is there."""

import os
import signal
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import pytest
from hypothesis import settings
from small_table import make_small_table

import skmtl._runtime.quiet_start  # before a test imports Keras, as in users' programs  # noqa: F401

# compiling takes seconds and the machine may be busy: time is no property of the code
settings.register_profile("skmtl", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=15)  # for mutation runs
settings.load_profile("skmtl")

# processes of pytest-xdist and jobs in the background of a shell ignore Ctrl-C; a user's do not
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def mnist_path():
    """A local file of MNIST digits."""
    path = SHARED / "data" / "mnist10k.npz"
    if not path.exists():
        pytest.skip("needs the local file mnist10k.npz, which is not part of the repository")
    return path


@pytest.fixture
def small_table():
    """Sixty rows of an image and a text that both show the class; some cells and labels missing."""
    return make_small_table(60)
