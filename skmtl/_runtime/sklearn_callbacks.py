"""scikit-learn's callback interface (1.9 and later), and nothing where it is missing."""

from abc import ABC

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupportMixin(ABC):  # noqa: B024
        """Stand-in: an estimator that has no callbacks of scikit-learn."""

        def _init_callback_context(self, **_):
            return None

    def with_callbacks(method):
        """Return the method as it is."""
        return method


__all__ = ["CallbackSupportMixin", "with_callbacks"]
