"""A machine is compared with this one: what differs too much keeps it, or a model, away, and is told."""

import re
from dataclasses import replace

import pytest

from automl.fleet.greeting import Needs, compare, greet, measure_speed
from automl.registry import OWN_PACKAGE

NEEDS = Needs(
    models={"linear": ("sklearn",), "boosting": ("lightgbm",), "theirs": ()},
    plugins={"their-package": "1.0", "needed": "2.0"},
    owners={"theirs": "their-package"},
    besides=frozenset({"needed"}),
)
HERE = replace(greet(NEEDS), plugins=dict(NEEDS.plugins), missing=frozenset())


def there(versions=None, **changes):
    return compare(HERE, replace(HERE, versions={**HERE.versions, **(versions or {})}, **changes), NEEDS)


def test_a_machine_like_this_one_fits():
    fit = there()
    assert (fit.refused, dict(fit.without), fit.differs) == ("", {}, ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"python": "3.8.1"}, "runs Python 3.8.1; expected"),
        ({"versions": {"numpy": "0.9.0"}}, "has numpy 0.9.0; expected .* run: pip install numpy=="),
        ({"versions": {OWN_PACKAGE: "0.1.99"}}, f"has {OWN_PACKAGE} 0.1.99; expected"),
        ({"versions": {"scipy": ""}}, "scipy is not installed there; run: pip install scipy=="),
        ({"plugins": {"their-package": "1.0"}}, "has no needed; expected needed 2.0"),
    ],
)
def test_what_every_fit_rests_on_has_to_be_the_same(changes, words):
    assert re.search(words, there(**changes).refused)


def test_a_model_stays_away_where_its_library_or_its_plugin_is_missing_or_other():
    fit = there(missing=frozenset({"lightgbm"}), plugins={"needed": "2.0", "their-package": "0.9"})
    assert fit.refused == ""
    assert fit.without == {
        "boosting": "lightgbm is not installed",
        "theirs": "their-package 0.9; expected their-package 1.0",
    }
    assert "boosting" in there({"lightgbm": "1.0"}).without


def test_a_patch_more_or_less_is_told_and_does_not_matter():
    major, minor, *_ = HERE.versions["numpy"].split(".")
    fit = there({"numpy": f"{major}.{minor}.99"})
    assert (fit.refused, dict(fit.without)) == ("", {})
    assert len(fit.differs) == 1
    assert f"numpy {major}.{minor}.99, here" in fit.differs[0]


def test_speed_is_measured_in_a_moment():
    assert greet(NEEDS, measure=True).speed > 0
    assert measure_speed(0.01) > 0
