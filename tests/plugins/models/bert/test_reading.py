"""Reading texts: as much of each as there is time for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import Deadline, FitContext
from automl_builtins.models.bert import BERT
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
