"""Names for the array and frame types that cross module borders, and how NumPy is to treat what they hold."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Rows: TypeAlias = npt.NDArray[np.integer[Any]]
"""Row numbers."""
Features: TypeAlias = Any
"""A `pandas.DataFrame`, or a `scipy.sparse.csr_matrix` where the model accepts sparse input."""

P = ParamSpec("P")
T = TypeVar("T")
USUAL_ERRORS: dict[str, Any] = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
"""How NumPy treats floating-point errors where nobody has set anything else."""


def with_usual_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Have a function run with NumPy's usual error state: a program that has set "raise" means its own arithmetic."""

    @wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        with usual_errors():
            return function(*args, **kwargs)

    return called


def usual_errors() -> AbstractContextManager[None]:
    """Return what has a block run with NumPy's usual error state."""
    return np.errstate(**USUAL_ERRORS)
