"""A compiled training loop that is kept and reused."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from skmtl.training.dense import is_dense
from skmtl.training.jax._devices import Devices
from skmtl.training.jax._rows import planned_steps
from skmtl.training.program_base import assign_all
from skmtl.training.shapes import bucket, filled, is_all_labelled
from skmtl.training.step import TrainStep


class Program(TrainStep):
    """A training loop that is compiled into one call for an epoch or a step; see `ProgramBase`."""

    def __init__(self, network, optimizer, weighting, aggregator, n_devices=1):
        super().__init__(network, optimizer, weighting, aggregator, n_devices)
        self._all = [*network.variables, *optimizer.variables, *self.state.variables]
        # XLA runs convolutions within a loop on one thread: ten times slower on a CPU
        self._loops = is_dense(network) or jax.default_backend() != "cpu"
        self._devices = Devices(n_devices) if n_devices > 1 else None
        self._compiled = {}

    def load(self, table, targets, weights, whole=None) -> dict:
        """Load a table and its labels onto the device."""
        arrays = {"targets": targets, "weights": weights}
        arrays |= {f"{name}_values": m.values for name, m in table.modalities.items()}
        if self._loops:
            # never empty: nothing is taken from it then, but it must have a first row
            sizes = {name: max(1, bucket(len(array))) for name, array in arrays.items()}
            arrays = {n: jnp.asarray(filled(array, sizes[n])) for n, array in arrays.items()}
            arrays = self._devices.copied(arrays) if self._devices else arrays
        all_rows = table if whole is None else whole.table
        return {
            "arrays": arrays,
            "positions": {name: m.positions for name, m in table.modalities.items()},
            "shares": {name: m.present.mean() for name, m in all_rows.modalities.items()},
            "all_labelled": is_all_labelled(weights if whole is None else whole.weights),
        }

    def _call(self, data, plan, sums, *, training) -> dict:
        if self._devices:
            plan = self._devices.divisible(plan)
        steps = planned_steps(plan, data)
        key = (training, data["all_labelled"])
        if key not in self._compiled:
            self._compiled[key] = self._compile(*key)
        call, n_steps = self._compiled[key], len(plan)
        state = [v.value for v in self._all]
        spread = self._devices.spread if self._devices else (lambda batch, axis: batch)  # noqa: ARG005
        if self._devices:
            state, sums = self._devices.copied((state, sums))
        if self._loops:
            steps = {n: filled(value, bucket(n_steps)) for n, value in steps.items()}
            state, sums = call(state, sums, data["arrays"], spread(steps, 1), n_steps)
        else:
            for i in range(n_steps):
                step = {name: value[i] for name, value in steps.items()}
                batch = self._batch(data["arrays"], step)
                state, sums = call(state, sums, spread(batch, 0))
        if training:
            assign_all(self._all, state)
        return {name: np.array(value) for name, value in sums.items()}

    def _compile(self, training, all_labelled):
        def step(state, sums, batch):
            mapping = zip(self._all, state, strict=True)
            with keras.StatelessScope(mapping, collect_losses=True) as scope:
                seen = (
                    self.train_step(batch, all_labelled) if training else self.evaluate_step(batch)
                )
            if training:
                state = [scope.get_current_value(v) for v in self._all]
            return state, {name: sums[name] + seen[name] for name in sums}

        def epoch(state, sums, arrays, steps, n_steps):
            def body(i, carry):
                rows = {name: value[i] for name, value in steps.items()}
                return step(*carry, self._batch(arrays, rows))

            return jax.lax.fori_loop(0, n_steps, body, (state, sums))

        # what was given is not needed any more; on a CPU others may look into the same memory
        donated = (0,) if training and jax.default_backend() != "cpu" else ()
        results = self._devices.everywhere if self._devices else None
        return jax.jit(
            epoch if self._loops else step, donate_argnums=donated, out_shardings=results
        )

    def _batch(self, arrays, step) -> dict:
        """Return a batch; a row of -1 gets weight 0 everywhere."""
        rows = step["rows"]
        there, safe = rows >= 0, rows.clip(0)
        batch = {
            "targets": arrays["targets"][safe],
            "weights": arrays["weights"][safe] * there[:, None],
            "n_rows": there.astype("float32").sum(),
        }
        for name in {branch.modality for branch in self.network.branches}:
            values, taken = arrays[f"{name}_values"], step[f"{name}_take"]
            if not len(values):  # only where arrays are NumPy's
                values = np.zeros((1, *values.shape[1:]), values.dtype)
            batch[f"{name}_inputs"] = values[taken]
            batch[f"{name}_slots"] = step[f"{name}_slots"]
            batch[f"{name}_present"] = step[f"{name}_slots"] >= 0
        return batch

    def _vjp(self, function, variables, *inputs):
        chosen = {id(v) for v in variables}
        others = [v for v in self._all if id(v) not in chosen]
        kept = [v.value for v in others]

        def pure(values, inputs):
            mapping = [*zip(variables, values, strict=True), *zip(others, kept, strict=True)]
            with keras.StatelessScope(mapping, collect_losses=True) as scope:
                outputs, other = function(*inputs)
            return outputs, (other, [scope.get_current_value(v) for v in others])

        values = [v.value for v in variables]
        outputs, pullback, (other, new) = jax.vjp(pure, values, list(inputs), has_aux=True)
        assign_all(others, new)
        names = [id(source) for source in [*variables, *inputs]]

        def pull(cotangents, sources):
            full = [
                jnp.zeros_like(y) if c is None else jnp.asarray(c, y.dtype)
                for c, y in zip(cotangents, outputs, strict=True)
            ]
            gradients = dict(zip(names, [g for part in pullback(full) for g in part], strict=True))
            return [gradients[id(source)] for source in sources]

        return outputs, other, pull

    def _when(self, condition, function):
        variables = [*self._trained, *self.optimizer.variables]

        def changed(values):
            mapping = [(v, v.value) for v in self._all]
            mapping += zip(variables, values, strict=True)
            with keras.StatelessScope(mapping) as scope:
                function()
            return [scope.get_current_value(v) for v in variables]

        values = [v.value for v in variables]
        assign_all(variables, jax.lax.cond(condition, changed, lambda same: same, values))
