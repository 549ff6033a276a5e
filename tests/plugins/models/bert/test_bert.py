"""The bert model: reads texts with frozen layers, tunes layers, keeps its time, and needs no folder to predict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl.plugin_api import BuildRequest, FitContext, FitSize, TaskKind
from automl_builtins.models.bert import BERT, bert_limits, bert_resources
from tests.plugins.models.tables import TASKS, halves
from tests.plugins.models.texts import text_table

pytest.importorskip("transformers")


def test_weights_that_are_not_there_are_refused_with_what_to_do(tmp_path):
    size = FitSize(100, 1, TASKS[TaskKind.BINARY], {"weights": str(tmp_path / "nothing")})
    assert "not found" in bert_limits(size)
    assert "model.safetensors" in bert_limits(size)
    learner = BERT.build(BuildRequest(TASKS[TaskKind.BINARY], {"weights": str(tmp_path / "nothing")}))
    with pytest.raises(LookupError, match="not found"):
        learner.fit(halves(text_table(30))[0], None, FitContext())


def test_longer_texts_more_rows_and_tuning_are_expected_to_take_longer(quick):
    size = FitSize(1_000, 1, TASKS[TaskKind.BINARY], {**quick, "tokens": 128}, words=20)
    base = bert_resources(size)
    assert bert_resources(replace(size, words=80)).shared_seconds > base.shared_seconds
    assert bert_resources(replace(size, n_rows=4_000)).seconds > base.seconds
    assert bert_resources(replace(size, params={**size.params, "train": "all"})).seconds > base.seconds
    assert bert_resources(replace(size, device="cuda")).shared_seconds < base.shared_seconds
    assert base.shared_key != bert_resources(replace(size, params={**size.params, "tokens": 64})).shared_key
