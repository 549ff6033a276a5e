"""Reading texts: as much of each as there is time for."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models.bert import BERT, reading
from automl_builtins.models.bert import learner as learner_module
from tests.plugins.models.tables import fit, halves
from tests.plugins.models.texts import text_table

pytest.importorskip("transformers")


def test_where_time_is_short_less_of_each_text_is_read(quick, tmp_path):
    data = text_table(120)
    long = np.array([f"{text} film {text}" * 4 for text in data.features["text_0"]], dtype=object)
    train, valid = halves(replace(data, features=data.features.assign(text_0=long)))
    context = FitContext(folder=tmp_path, deadline=Deadline(1e-3))
    learner = fit(BERT, train, valid, context, params={**quick, "tokens": 60})
    assert learner._tokenizer.most == 16
    unhurried = fit(BERT, train, valid, FitContext(folder=tmp_path), params={**quick, "tokens": 60})
    assert unhurried._tokenizer.most == 16  # as the first fit of the search has decided


def test_of_what_several_fits_read_together_more_can_be_read(quick, monkeypatch):
    data = text_table(120)
    long = np.array([f"{text} film {text}" * 4 for text in data.features["text_0"]], dtype=object)
    train, valid = halves(replace(data, features=data.features.assign(text_0=long)))
    monkeypatch.setattr(learner_module.Reader, "_seconds_for_token", lambda self, tokens: 1e-2)
    read = []
    for sharing in (1, 4):
        context = FitContext(deadline=Deadline(60.0), sharing=sharing)
        read.append(fit(BERT, train, valid, context, params={**quick, "tokens": 60})._tokenizer.most)
    assert read[0] < read[1] <= 60


def test_texts_of_one_length_are_read_together_and_no_fold_reads_them_again(monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    texts = [rng.integers(5, 99, size=length).astype(np.int32) for length in rng.integers(3, 40, size=300)]
    read = []

    def look(body, tokens, **_):
        read.append([len(each) for each in tokens])
        return [np.full((1, 2), each.sum(), dtype=np.float32) for each in tokens]

    monkeypatch.setattr(reading, "states_of", look)
    monkeypatch.setattr(reading.Reader, "_body", lambda self: None)
    tokenizer = SimpleNamespace(most=64, padding=0, tokens=lambda columns: [texts[row] for row in columns[0]])
    reader = reading.Reader(reading.Place("w", 1, "d", "cpu", pooled=True), tokenizer, FitContext(folder=tmp_path))
    for seed in (1, 2):  # two folds: other rows are held out, in another order
        order = np.random.default_rng(seed).permutation(300)
        parts = [order[:200], order[200:]]
        _, states = reader.read([[part] for part in parts], parts, "table")
        np.testing.assert_array_equal([each[0, 0] for each in states], [texts[row].sum() for row in order])
    assert sum(map(len, read)) == 300
    assert [length for part in read for length in part] == sorted(map(len, texts), reverse=True)
