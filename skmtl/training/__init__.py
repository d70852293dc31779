"""The training loop, and a folder per Keras backend."""

import skmtl._quiet_start  # isort: skip  # noqa: F401
