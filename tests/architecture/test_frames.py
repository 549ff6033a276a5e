"""How many calls lie between `AutoML.fit` and a learner's `fit`, as the map of the project says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from automl import AutoML
from automl.plugin_api import ModelSpec, hookimpl

ROOT = Path(__file__).parents[2]
SOURCES = (str(ROOT / "automl"), str(ROOT / "plugins"))
BORDER = "fit_fold"
"""Called by an executor: from here on it is the worker's stack."""


class Learner:
    """Notes what calls its `fit`."""

    stacks: ClassVar[list[list[str]]] = []

    def __init__(self, request):
        pass

    def fit(self, train, valid, context):
        frame, names = sys._getframe(1), []
        while frame is not None:
            if frame.f_code.co_filename.startswith(SOURCES):
                names.append(frame.f_code.co_qualname)
            frame = frame.f_back
        Learner.stacks.append(names[::-1])

    def predict(self, features):
        return np.full((len(features), 2), 0.5)


class Offers:
    """Offers the learner."""

    @hookimpl
    def automl_models(self):
        return [ModelSpec("noting", Learner)]


def stack_of_a_fit(**options) -> list[str]:
    """Return the project's own functions on the stack of a learner's fit, `AutoML.fit` first."""
    Learner.stacks.clear()
    table = pd.DataFrame({"x": np.arange(40.0), "y": ["yes", "no"] * 20})
    model = AutoML(models=["noting"], plugins=[Offers()], executor="in_process", n_jobs=1, cv=2, verbose=0, **options)
    model.fit(table, "y")
    names = Learner.stacks[0]
    return names[names.index("AutoML.fit") :]


def test_the_map_names_every_call_between_the_users_fit_and_a_learners():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = re.search(r"there are (\d+) calls.*?`(.+?)`.*?`(.+?)`", text, re.DOTALL)
    assert told
    stack = [*stack_of_a_fit(time_limit=None, max_trials=1), "Learner.fit"]
    at = stack.index(BORDER)
    controller, worker = (" > ".join(part) for part in (stack[:at], stack[at:]))
    assert (" ".join(told[2].split()), " ".join(told[3].split())) == (controller, worker)
    assert int(told[1]) == len(stack)


def test_by_time_there_are_no_more_calls_than_by_count():
    assert len(stack_of_a_fit(time_limit=20, max_trials=1)) == len(stack_of_a_fit(time_limit=None, max_trials=1))
