"""What loss weightings, aggregators and sharing schemes are: objects that hold hyper-parameters."""

from abc import ABC

from sklearn.base import BaseEstimator


class Strategy(BaseEstimator, ABC):
    """A method with hyper-parameters, on which a compiled program may depend."""

    def program_key(self) -> tuple:
        """Return what a compiled program depends on; equal keys may share one program.

        Override it where hyper-parameters live in the state and not in the program.

        Returns
        -------
        tuple
            Hashable. By default the type and all parameters.
        """
        # repr of an estimator shortens long values, repr of an array rounds; of a list it does not
        values = {
            name: value.tolist() if hasattr(value, "tolist") else value
            for name, value in self.get_params().items()
        }
        return type(self), repr(sorted(values.items()))
