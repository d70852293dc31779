"""SciKeras' `BaseWrapper`, corrected for scikit-learn 1.6 and later.

The only file that imports scikeras. What it corrects: SciKeras 0.13 has no `__sklearn_tags__`, so
searches neither stratify nor recognise a classifier; its parameters are whatever attributes the
instance happens to have; its `random_state` changes the whole process; and it has public names that
mean nothing here.

Private names: `_more_tags` of SciKeras; `_get_param_names` of scikit-learn, which SciKeras replaces
and `get_params` calls; `_metadata_request`, which `clone` has to copy.
"""

import skmtl._runtime.quiet_start  # isort: skip  # noqa: F401
import inspect
import sys
from abc import ABC
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Self

import keras
from sklearn.base import BaseEstimator, clone

from skmtl._runtime.keras_layers import picklable
from skmtl._runtime.sklearn_callbacks import share_callbacks


def _import_base_wrapper():
    """Import SciKeras; not TensorFlow with it, where Keras runs on something else.

    SciKeras asks for TensorFlow only to seed it, which is never done here, and does without where
    the import fails.
    """
    hidden = keras.config.backend() != "tensorflow" and "tensorflow" not in sys.modules
    if hidden:
        sys.modules["tensorflow"] = None  # an import of it then fails
    try:
        from scikeras.wrappers import BaseWrapper
    finally:
        if hidden:
            del sys.modules["tensorflow"]
    return BaseWrapper


BaseWrapper = _import_base_wrapper()

# Dead code since scikit-learn 1.6 (it calls a parent method that is gone), and the mere presence of
# the name in any base class fails scikit-learn's estimator checks.
if "_more_tags" in vars(BaseWrapper):
    del BaseWrapper._more_tags

# SciKeras' public names that have no meaning here, and that `dir` and `hasattr` do not show
_HIDDEN = ("current_epoch", "feature_encoder", "initialized_", "scorer", "target_encoder")


class _Hidden:
    """An attribute of a base class that is not there."""

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, instance, owner):
        raise AttributeError(f"{owner.__name__!r} object has no attribute {self._name!r}")


class RoutedEstimator(BaseWrapper, ABC):
    """Base of a Keras estimator with an explicit constructor and routed parameters.

    A parameter ``<prefix>__<option>``, its prefix in `_routed_prefixes`, is kept as an attribute
    by `set_params`, `clone` and searches alike, and passed at fit to what the parameter
    ``<prefix>`` names. If that parameter is an object with parameters, the option is set on the
    object, as everywhere in scikit-learn.
    """

    _routed_prefixes: tuple[str, ...] = ()
    _aliases: Mapping[str, str] = MappingProxyType({})  # other names that `set_params` takes

    current_epoch, feature_encoder, initialized_ = _Hidden(), _Hidden(), _Hidden()
    scorer, target_encoder = _Hidden(), _Hidden()
    __repr__ = BaseEstimator.__repr__

    def __dir__(self):
        return [name for name in super().__dir__() if name not in _HIDDEN]

    @classmethod
    def _get_param_names(cls):
        # SciKeras lists instance attributes; scikit-learn lists what the constructor names
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def _routed_names(self) -> list[str]:
        explicit = self._get_param_names()
        prefixes = tuple(f"{prefix}__" for prefix in self._routed_prefixes)
        return [n for n in sorted(vars(self)) if n.startswith(prefixes) and n not in explicit]

    def get_params(self, deep: bool = True) -> dict:
        """Return the constructor's parameters and the routed ones.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add the parameters of parameters that are estimators.

        Returns
        -------
        dict
        """
        routed = {name: getattr(self, name) for name in self._routed_names()}
        return BaseEstimator.get_params(self, deep=deep) | routed

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of nested objects and routed ones included.

        Parameters
        ----------
        **params : dict
            ``name=value``; ``<prefix>__<option>=value`` is described in the class docstring.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a name is neither a parameter nor starts with a routed prefix.
        """
        params = {self._aliases.get(name, name): value for name, value in params.items()}
        plain = {name: value for name, value in params.items() if not self._is_routed(name)}
        BaseEstimator.set_params(self, **plain)
        for name in params.keys() - plain.keys():
            target = getattr(self, name.partition("__")[0])
            if hasattr(target, "set_params") and not isinstance(target, type):
                target.set_params(**{name.partition("__")[2]: params[name]})
            else:
                setattr(self, name, params[name])
        return self

    @classmethod
    def _default_of(cls, parameter: str) -> Any:
        """Return the default of a constructor parameter."""
        return inspect.signature(cls.__init__).parameters[parameter].default

    def _is_routed(self, name: str) -> bool:
        prefix, separator, option = name.partition("__")
        return bool(separator and option) and prefix in self._routed_prefixes

    def _routed_options(self, prefix: str) -> dict:
        """Return the options set under `prefix`.

        A constructor parameter that is None is not set; a routed one that is None was set to it.

        Parameters
        ----------
        prefix : str
            One of `_routed_prefixes`.

        Returns
        -------
        dict
            Option name to value.
        """
        start = f"{prefix}__"
        routed = self._routed_names()
        return {
            name.removeprefix(start): value
            for name, value in self.get_params(deep=False).items()
            if name.startswith(start) and (value is not None or name in routed)
        }

    def __sklearn_clone__(self):
        explicit = self._get_param_names()
        params = {k: _cloned(v) for k, v in self.get_params(deep=False).items()}
        copy = type(self)(**{name: params[name] for name in explicit})
        for name in params.keys() - set(explicit):
            setattr(copy, name, params[name])
        if hasattr(self, "_metadata_request"):
            copy._metadata_request = deepcopy(self._metadata_request)
        share_callbacks(self, copy)
        return copy

    def __getstate__(self):
        return picklable(super().__getstate__())


def _cloned(value):
    """Return a copy of a parameter; a layer, which `fit` copies before it trains, is shared.

    A large backbone would otherwise be in memory once more for each candidate and fold of a search.
    """
    return value if isinstance(value, keras.Layer) else clone(value, safe=False)
