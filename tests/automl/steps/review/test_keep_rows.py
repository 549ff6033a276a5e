"""A table is known again by a hash of its rows, whatever its width, and no other table is taken for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from automl.steps.review import keep_rows
from automl.steps.review.keep_rows import fingerprint_rows


@pytest.mark.parametrize("many", [2, 2_000])
def test_the_same_rows_are_known_again_and_others_are_not(monkeypatch, many):
    monkeypatch.setattr(keep_rows, "MANY_COLUMNS", many)
    stored = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)).add_prefix("c")
    target = np.arange(30) % 2
    known = fingerprint_rows(stored, target, ())
    assert fingerprint_rows(stored.copy(), target.copy(), ()) == known
    others = [
        (stored.iloc[::-1], target),
        (stored.rename(columns={"c1": "other"}), target),
        (stored.assign(c2=stored["c3"]), target),
        (stored, 1 - target),
    ]
    assert known not in [fingerprint_rows(rows.reset_index(drop=True), labels, ()) for rows, labels in others]
