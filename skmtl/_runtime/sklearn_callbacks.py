"""scikit-learn's callback interface (1.9 and later), and nothing where it is missing.

Two of its names are private: `_init_callback_context`, which scikit-learn documents for developers
of estimators, and the attribute in which `set_callbacks` keeps the callbacks. Nothing public says
whether there are any.
"""

from abc import ABC

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupportMixin(ABC):  # noqa: B024
        """Stand-in: an estimator without callbacks of scikit-learn."""

    def with_callbacks(method):
        """Return the method as it is."""
        return method


_CALLBACKS = "_skl_callbacks"


def begin_callbacks(estimator, n_epochs):
    """Return the context of a fit for scikit-learn's callbacks; None if the estimator has none."""
    if not hasattr(estimator, "set_callbacks"):
        return None
    context = estimator._init_callback_context(max_subtasks=n_epochs)
    return context if hasattr(estimator, _CALLBACKS) else None


def share_callbacks(estimator, copy):
    """Give a copy the same callbacks, as scikit-learn's `clone` does."""
    if hasattr(estimator, _CALLBACKS):
        setattr(copy, _CALLBACKS, getattr(estimator, _CALLBACKS))


__all__ = ["CallbackSupportMixin", "begin_callbacks", "share_callbacks", "with_callbacks"]
