"""Names for the array and frame types that cross module borders."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Rows: TypeAlias = npt.NDArray[np.integer[Any]]
"""Row numbers."""
Features: TypeAlias = Any
"""A `pandas.DataFrame`, or a `scipy.sparse.csr_matrix` where the model accepts sparse input."""
