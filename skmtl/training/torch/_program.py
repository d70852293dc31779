"""A training loop, step by step."""

import torch

from skmtl._runtime.torch_random import seed_torch, torch_random_kept
from skmtl.training.shapes import is_all_labelled
from skmtl.training.step import TrainStep
from skmtl.training.torch._recorder import StepRecorder
from skmtl.training.torch._rows import modality_rows, on_device


class Program(TrainStep):
    """A training loop, step by step; see `ProgramBase`."""

    def __init__(self, network, optimizer, weighting, aggregator, n_devices=1):
        if n_devices > 1:
            raise ValueError(
                "n_devices above 1 needs Keras on TensorFlow or JAX (KERAS_BACKEND=tensorflow or "
                f"jax); got {n_devices} with Keras on torch."
            )
        super().__init__(network, optimizer, weighting, aggregator)
        state = [*self.optimizer.variables, *self.state.variables]
        self._recorder = StepRecorder([*network.variables, *state])

    def load(self, table, targets, weights, whole=None) -> dict:
        """Load a table and its labels onto the device."""
        arrays = {"targets": on_device(targets), "weights": on_device(weights)}
        for name, modality in table.modalities.items():
            arrays[f"{name}_values"] = on_device(modality.values)
            arrays[f"{name}_positions"] = on_device(modality.positions)
        all_weights = weights if whole is None else whole.weights
        return {
            "arrays": arrays,
            "all_labelled": is_all_labelled(all_weights),
        }

    def _call(self, data, plan, sums, *, training) -> dict:
        if not training:
            with torch.no_grad():
                return self._sum(self.evaluate_step, data["arrays"], plan, sums)

        all_labelled = data["all_labelled"]

        def step(batch):
            return self.train_step(batch, all_labelled)

        with torch_random_kept():
            return self._sum(
                step, data["arrays"], plan, sums, self._seed_step, ("train", all_labelled)
            )

    def _seed_step(self):
        # of Keras' variables the tensors: their own operations take longer than the seeding
        seed, step = self.state.seed.state.value[0], self.optimizer.iterations.value
        seed_torch(int(seed), int(step))

    def _sum(self, step, arrays, plan, sums, seed=None, key="evaluate") -> dict:
        sums = {name: on_device(value) for name, value in sums.items()}
        for rows in plan:
            batch = self._batch(arrays, on_device(rows[rows >= 0]))
            seen = self._recorder.run(step, batch, seed, key)
            sums = {name: value + seen[name].detach() for name, value in sums.items()}
        return {name: value.cpu().numpy() for name, value in sums.items()}

    def _batch(self, arrays, rows) -> dict:
        batch = {
            "targets": arrays["targets"][rows],
            "weights": arrays["weights"][rows],
            "n_rows": torch.tensor(float(len(rows)), device=rows.device),
        }
        for name in {branch.modality for branch in self.network.branches}:
            found = modality_rows(arrays[f"{name}_values"], arrays[f"{name}_positions"][rows])
            batch |= {f"{name}_{key}": value for key, value in found.items()}
        return batch

    def _vjp(self, function, variables, *inputs):
        # fresh leaves: only what happens in the function is differentiated
        leaves = [x.detach().requires_grad_() for x in inputs]
        outputs, other = function(*leaves)
        tensors = {id(v): v.value for v in variables}
        tensors |= {id(x): leaf for x, leaf in zip(inputs, leaves, strict=True)}

        def pull(cotangents, sources):
            used = [
                (y, torch.as_tensor(c, dtype=y.dtype, device=y.device))
                for y, c in zip(outputs, cotangents, strict=True)
                if c is not None and y.requires_grad
            ]
            sources = [tensors[id(source)] for source in sources]
            if not used or not sources:
                return [torch.zeros_like(source) for source in sources]
            found = torch.autograd.grad(
                [y for y, _ in used],
                sources,
                [c for _, c in used],
                retain_graph=True,
                allow_unused=True,
            )
            # in the order of the weights: optimizers take other gradients one number at a time
            return [
                torch.zeros_like(x) if g is None else g.contiguous()
                for x, g in zip(sources, found, strict=True)
            ]

        return [y.detach() for y in outputs], other, pull

    def _when(self, condition, function):
        self._recorder.when(condition, function)
