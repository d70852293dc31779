"""The training loop, and a folder per Keras backend."""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401
