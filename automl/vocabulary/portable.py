"""Portable: a user's own function or object, such as a metric, that goes along where an estimator is pickled."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from automl.errors import ArtifactError


class Portable:
    """Holds a value. It is pickled as any other where that works in every process, else with its code.

    What is defined in a script or notebook is nowhere to be found in another process, and a function within a function
    in none at all.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        """Hold the value."""
        self.value = value

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return how it is made anew."""
        if _is_found_anywhere(self.value):
            return Portable, (self.value,)
        import cloudpickle

        return _with_code, (cloudpickle.dumps(self.value),)

    def __deepcopy__(self, memo: Any) -> Portable:
        """Return itself: functions are not copied."""
        return self


def _with_code(data: bytes) -> Portable:
    try:
        return Portable(pickle.loads(data))
    except ImportError as error:
        raise ArtifactError(
            f"This model was pickled with a function of its own, such as a metric, which needs {error.name!r} here. "
            f"Install it, or save the model with save() and load it with AutoML.load()."
        ) from error


def _is_found_anywhere(value: Any) -> bool:
    try:
        written = pickle.dumps(value)
    except Exception:  # whatever an object's own pickling raises
        return False
    return b"__main__" not in written
