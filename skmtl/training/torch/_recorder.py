"""Steps that are done as they were recorded, once that pays."""

from functools import partial

import torch

from skmtl._runtime.torch_recording import only_where, record
from skmtl.training.torch._garbage import freed

# Recording takes as long as so many steps, so that it pays where as many have been seen.
N_BEFORE = 50
# Batches of other numbers of rows are recorded on their own; with missing cells there are many.
MOST_LAYOUTS = 8
# Values are copied for a while; the time of a larger network is that of its operations anyway.
MOST_VALUES = 20_000_000


class StepRecorder:
    """Runs steps as they are written, and later as they were recorded.

    A recording is trusted after a later step that is done both ways, if results and all variables
    are the same to the last bit. Where that fails, every step is done as it is written, and so are
    steps that read the value of a tensor: a layer that draws from a seed of Keras, a loop.

    Parameters
    ----------
    variables : list of keras.Variable
        All that a step may assign.
    """

    def __init__(self, variables):
        self._variables = variables
        self._is_off = sum(v.value.numel() for v in variables) > MOST_VALUES
        self._n_seen = {}
        self._recorded = {}
        self._trusted = set()
        self.is_recording = False

    def run(self, step, batch, seed, key) -> dict:
        """Do a step, and return what it returns.

        Parameters
        ----------
        step : callable
            From a batch to a dict of tensors.
        batch : dict of str to (tensor or None)
            Its argument.
        seed : callable or None
            Called without arguments before the step: sets PyTorch's random state.
        key : hashable
            What the operations of the step depend on, besides the shapes of the batch.
        """
        tensors = {name: value for name, value in batch.items() if value is not None}
        layout = (key, *((name, value.shape, value.dtype) for name, value in tensors.items()))

        def seeded(function):
            if seed is not None:
                seed()
            return function(tensors)

        if layout in self._trusted:
            return seeded(self._recorded[layout])

        def written(tensors):
            with freed():
                return step(batch | tensors)

        if self._is_off or (len(self._recorded) == MOST_LAYOUTS and layout not in self._recorded):
            return seeded(written)
        if layout in self._recorded:
            return self._compare(layout, written, seeded)
        n_seen = self._n_seen[layout] = self._n_seen.get(layout, 0) + 1
        if n_seen > N_BEFORE:
            return self._record(layout, written, seeded)
        return seeded(written)

    def when(self, condition, function):
        """Call a function that assigns variables if a condition holds, also in a recording."""
        if self.is_recording:
            only_where(condition, function, self._tensors())
        elif bool(condition):
            function()

    def _record(self, layout, written, seeded):
        before, self.is_recording = self._copies(), True
        try:
            self._recorded[layout] = seeded(partial(record, written))
        except Exception:
            self._is_off = True  # whatever it is, the step as it is written says it better
        finally:
            self.is_recording = False
        # PyTorch computes some assignments twice while it records
        self._put_back(before)
        return seeded(written)

    def _compare(self, layout, written, seeded):
        before = self._copies()
        expected = seeded(written)
        after = self._copies()
        self._put_back(before)
        found = seeded(self._recorded[layout])
        pairs = [(found[name], expected[name]) for name in expected]
        pairs += zip(self._tensors(), after, strict=True)
        if all(torch.allclose(a, b, rtol=0, atol=0, equal_nan=True) for a, b in pairs):
            self._trusted.add(layout)
        else:
            self._is_off = True
            self._trusted.clear()
            self._put_back(after)
        return expected

    def _tensors(self):
        return [variable.value for variable in self._variables]

    def _copies(self):
        return [tensor.detach().clone() for tensor in self._tensors()]

    @torch.no_grad()
    def _put_back(self, copies):
        for tensor, copy in zip(self._tensors(), copies, strict=True):
            tensor.copy_(copy)
