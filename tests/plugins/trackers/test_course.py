"""A search as the numbers and tables that trackers keep."""

import json
import math
from dataclasses import replace

from automl.plugin_api import Stage
from automl_builtins.trackers._course import Course, facts_of
from tests.plugins.observers.events import END, ENSEMBLE, failed, finished, started


def course_of(*events):
    course = Course()
    return course, [course.take(event) for event in (started(), *events)]


def test_a_candidate_adds_its_score_the_best_so_far_and_its_seconds():
    course, (_, numbers) = course_of(finished(score=0.8, best=0.9, elapsed=7.5))
    assert numbers == {"candidate/roc_auc": 0.8, "best/roc_auc": 0.9, "candidate/seconds": 2.5, "search/seconds": 7.5}
    assert course.step == 1


def test_what_has_no_score_adds_no_point_to_a_curve():
    course, (_, numbers) = course_of(finished(score=math.nan, best=0.9))
    assert "candidate/roc_auc" not in numbers
    assert course.tables["candidates"][0]["score"] is None


def test_ensemble_and_end_are_numbers_too():
    _, (_, ensemble, end) = course_of(ENSEMBLE, END)
    assert ensemble["ensemble/interval_low"] < ensemble["ensemble/roc_auc"] < ensemble["ensemble/interval_high"]
    assert end == {"search/seconds": 55.0, "search/candidates": 4.0}


def test_tables_hold_plain_texts_that_json_can_write():
    course, _ = course_of(finished("lightgbm"), failed(stage=Stage.FIT))
    read = json.loads(json.dumps(course.tables))
    assert read["candidates"][0]["params"] == '{"C": 1.0}'
    assert (read["failures"][0]["model"], read["failures"][0]["stage"]) == ("linear", "fit")


def test_facts_are_texts_and_say_where_there_is_no_limit():
    facts = facts_of(started())
    assert (facts["time_limit"], facts["max_trials"], facts["columns"]) == ("60", "none", "2")
    assert facts_of(replace(started(), time_limit=None))["time_limit"] == "none"
