"""Predicting from several threads, beside a program that goes on, and with NumPy told to raise."""

import os
import random
import sys
import threading
import warnings

import numpy as np
import pytest

from tests.conftest import quick
from tests.tables import binary_table

N_ROWS = 60
"""More than are read value by value."""


def table(n_rows=N_ROWS, seed=0):
    found = binary_table(n_rows, seed)
    return found.assign(
        seen=found["joined"].dt.strftime("%d/%m/%Y"),
        price=[f"${value:,.2f}" for value in np.nan_to_num(found["income"])],
        steep=np.exp(np.linspace(-700, 700, n_rows)),
    )


@pytest.fixture(scope="module")
def model():
    return quick(models=["linear", "lightgbm"], max_trials=2, cv=2).fit(table(200), "bought")


class Watched(warnings.catch_warnings):
    """Counts the threads that have changed the process's warnings and not put them back yet."""

    inside = 0
    most = 0
    counting = threading.Lock()

    def __enter__(self):
        with Watched.counting:
            Watched.inside += 1
            Watched.most = max(Watched.most, Watched.inside)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        with Watched.counting:
            Watched.inside -= 1


def test_predicting_from_threads_leaves_the_programs_warnings_alone(model, monkeypatch):
    rows, expected, found = table(seed=5), model.predict_proba(table(seed=5)), []
    content = list(warnings.filters)
    monkeypatch.setattr(warnings, "catch_warnings", Watched)

    def work():
        for _ in range(6):
            found.append(model.predict_proba(rows))
            model.check(rows)

    threads = [threading.Thread(target=work) for _ in range(4)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert list(warnings.filters) == content
    assert Watched.most <= 2, "two within each other are one thread's; three are of two"
    assert len(found) == 24
    for each in found:
        np.testing.assert_array_equal(each, expected)


@pytest.mark.parametrize("name", ["predict", "predict_proba", "score", "evaluate", "check"])
def test_nothing_that_the_whole_process_has_is_touched_by_predicting(model, monkeypatch, name):
    touched = []
    for place, changes in (
        (os, ("chdir", "putenv", "unsetenv")),
        (random, ("seed", "setstate")),
        (np.random, ("seed", "set_state")),
        (warnings, ("simplefilter", "filterwarnings", "resetwarnings")),
        (np, ("seterr", "seterrcall")),
    ):
        for change in changes:
            original = getattr(place, change)

            def noting(*args, _original=original, _change=change, **kwargs):
                if "pandas" not in sys._getframe(1).f_globals["__name__"]:
                    touched.append(_change)
                return _original(*args, **kwargs)

            monkeypatch.setattr(place, change, noting)
    getattr(model, name)(table(seed=5))
    assert touched == []


def test_a_program_that_has_numpy_raise_gets_the_same_results(model):
    rows = table(200)
    with np.errstate(all="raise"):
        again = quick(models=["linear", "lightgbm"], max_trials=2, cv=2).fit(rows, "bought")
        found, scores, verdicts = again.predict_proba(rows), again.evaluate(rows), list(again.check(rows)["verdict"])
    np.testing.assert_array_equal(found, model.predict_proba(rows))
    assert scores == model.evaluate(rows)
    assert verdicts == list(model.check(rows)["verdict"])
    assert list(again.failures()["cause"]) == list(model.failures()["cause"])
