"""States of texts: what one fold has read the others find, and a worker that died does not hold them up."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from automl.plugin_api import FitContext
from automl_builtins.models.bert import BERT
from automl_builtins.models.bert import states as shared
from tests.plugins.models.tables import fit, halves
from tests.plugins.models.texts import text_table

pytest.importorskip("transformers")


def test_other_folds_find_what_the_first_has_read(quick, tmp_path, monkeypatch):
    data = text_table(150)
    train, valid = halves(data)
    read = shared._fill
    made = []
    monkeypatch.setattr(shared, "_fill", lambda path, part, make: (made.append(path), read(path, part, make)))
    context = FitContext(folder=tmp_path / "shared", seed=1)
    first = fit(BERT, train, valid, context, params=quick)
    files = len(made)
    assert files == 3  # of 64 rows each
    other = fit(BERT, valid, train, context, params=quick)
    assert len(made) == files
    for learner, part, rest in ((first, train, valid), (other, valid, train)):
        alone = fit(BERT, part, rest, params=quick)
        np.testing.assert_array_equal(learner.predict(rest.features), alone.predict(rest.features))


def test_a_worker_that_died_over_a_file_does_not_hold_up_the_others(tmp_path):
    tokens = [np.array([2, 5, 3], dtype=np.int32)]
    path = tmp_path / f"{shared._name('key', tokens)}.npy"
    path.with_suffix(".claim").write_text(str(2**22 + 7))  # no process has this number
    started = time.monotonic()
    (state,) = shared.shared_states(tokens, "key", lambda part: [np.ones((3, 4), np.float16) for _ in part], tmp_path)
    assert state.shape == (3, 4)
    assert time.monotonic() - started < 5
    assert os.path.exists(path)
