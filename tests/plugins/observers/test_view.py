"""What the displays know of a search."""

import math
from dataclasses import replace

import pytest

from automl.plugin_api import Finding, FoldLost, Severity, SlotsChanged, Stage, Status, TableAudited
from automl_builtins.observers._view import View, describe, headline
from tests.plugins.observers.events import (
    END,
    ENSEMBLE,
    TRIALS_END,
    failed,
    finished,
    fold_finished,
    fold_started,
    started,
)


def test_it_counts_how_candidates_ended():
    view = View(started())
    for event in (finished(), finished(status=Status.DROPPED, n_folds=1), failed(), failed(stage=Stage.CHOOSE)):
        view.take(event)
    assert view.counts == {"complete": 1, "dropped": 1, "failed": 1, "skipped": 1}


def test_a_candidate_that_the_clock_cut_short_is_no_failure():
    view = View(started())
    view.take(failed(cause="the search has ended", stage=Stage.STOPPED))
    assert view.counts == {"skipped": 1}


def test_it_knows_what_runs_on_each_slot():
    view = View(started())
    view.take(fold_started(slot=0, fold=0))
    view.take(fold_started(slot=1, fold=1))
    view.take(fold_finished(slot=0, fold=0))
    assert {slot: each.fold for slot, each in view.running.items()} == {1: 1}


@pytest.mark.parametrize("end", [finished(status=Status.PARTIAL, n_folds=2), failed(), TRIALS_END, ENSEMBLE, END])
def test_a_fold_that_was_killed_does_not_run_on(end):
    view = View(started())
    view.take(fold_started(slot=1, fold=3))
    view.take(end)
    assert view.running == {}


def test_another_candidates_fold_runs_on():
    view = View(started())
    view.take(fold_started(slot=0, model="lightgbm"))
    view.take(finished(model="linear"))
    assert set(view.running) == {0}


def test_the_best_model_is_the_one_that_last_raised_the_best_score():
    view = View(started())
    view.take(finished("linear", 0.90, best=0.90))
    view.take(finished("lightgbm", 0.94, best=0.94))
    view.take(finished("linear", 0.92, best=0.94, seed=1))
    assert (view.best_model, view.best_score) == ("lightgbm", 0.94)


def test_there_is_no_best_score_before_a_candidate_is_complete():
    view = View(started())
    event = finished(status=Status.DROPPED, n_folds=1, best=-math.inf)
    view.take(event)
    assert view.best_score is None
    assert "best -" in describe(event, view)
    assert "dropped after 1 fold," in describe(event, view)


def test_a_finished_candidate_is_one_line_with_score_best_folds_and_seconds():
    line = describe(finished("lightgbm", 0.9213, best=0.93), View(started()))
    assert line.split() == ["[", "12.3s]", "lightgbm", "roc_auc", "0.9213", "best", "0.93", "(5", "folds,", "2.5", "s)"]


def test_a_failure_is_one_line_whatever_its_message():
    line = describe(failed(cause="ValueError: " + "long\n" * 300), View(started()))
    assert "\n" not in line
    assert len(line) < 220
    assert "FAILED: ValueError: long long" in line


def test_the_kept_lines_are_few_and_the_newest_and_hold_no_folds():
    view = View(started())
    for seed in range(20):
        view.take(fold_finished(seed=seed))
        view.take(finished(seed=seed, elapsed=float(seed)))
    assert len(view.lines) == 6
    assert all("fold 1" not in line for line in view.lines)
    assert view.lines[-1].startswith("[  19.0s]")


def test_the_warnings_of_the_audit_are_told_and_its_notes_counted():
    warning = Finding(Severity.WARNING, "leak", "paid", "tells all", "kept")
    note = Finding(Severity.NOTE, "set aside", "same", "constant", "set aside")
    line = describe(TableAudited(1.0, (warning, note, note)), View(started()))
    assert line.endswith("warning (leak) 'paid': tells all; 2 notes, see audit_")
    assert describe(TableAudited(1.0, (note,)), View(started())).endswith(" 1 note, see audit_")
    assert describe(TableAudited(1.0, ()), View(started())) == ""


LOST = FoldLost(3.0, 0, "linear", fold_started().candidate_id, 0, "h1", "no answer for 10 s")


def test_machines_are_named_where_there_are_others_than_this_one():
    began = replace(started(), n_slots=16, machines=("h1", "h2"))
    assert "16 slots on 2 machines" in headline(began)
    view = View(began)
    view.take(replace(fold_started(slot=0), machine="h1"))
    assert view.running[0].machine == "h1"
    assert "slot 0 on h1" in describe(replace(fold_finished(slot=0), machine="h1"), view)
    view.take(LOST)
    assert view.running == {}
    assert "linear             fold 1 is fitted again: no answer for 10 s" in describe(LOST, view)


@pytest.mark.parametrize(
    ("machines", "came", "gone", "told"),
    [
        (("h1", "h2"), ("h2",), (), "h2 came; 12 slots on 2 machines"),
        (("h1",), (), ("h2", "h3"), "h2, h3 went; 12 slots on 1 machine"),
        ((), (), ("h1",), "h1 went; no machine is left, others are awaited"),
        (("h1",), (), (), "machines: 12 slots on 1 machine"),
        (tuple("abcdefg"), tuple("abcdefg"), (), "a, b, c, d and 3 more came"),
    ],
)
def test_it_tells_which_machines_came_and_went(machines, came, gone, told):
    assert told in describe(SlotsChanged(1.0, 12, machines, came, gone), View(started()))
