"""KernelMachine: blocks of rows are predicted as all at once."""

from __future__ import annotations

import numpy as np

from automl_builtins.models.kernel_ridge import machine
from automl_builtins.models.kernel_ridge.machine import KernelMachine


def test_rows_in_blocks_are_predicted_as_all_at_once_to_the_last_bit(monkeypatch):
    rng = np.random.default_rng(0)
    mapped = rng.normal(size=(4, 3))
    fitted = KernelMachine(mapped, rng.normal(size=(50, 3)), 2.0, rng.normal(size=(50, 2)))
    rows = rng.normal(size=(31, 4)).astype(np.float32)
    together = fitted.values(rows)
    monkeypatch.setattr(machine, "BLOCK_CELLS", 200)
    np.testing.assert_array_equal(fitted.values(rows), together)
    assert fitted.values(rows[:0]).shape == (0, 2)
