"""Every option of the estimator has its place among the settings of a search."""

import inspect
from dataclasses import fields

from automl import AutoML
from automl.vocabulary.settings import SearchSettings

NAMES = {each.name for each in fields(SearchSettings)}
KEPT_OTHERWISE = {"memory_limit": "memory_limit_mb", "dates": "asked", "decimal": "asked", "plugins": None}
"""Options that are kept under another name, and plugins, which the registry holds."""


def test_no_option_gets_lost_between_the_estimator_and_the_search():
    options = set(inspect.signature(AutoML.__init__).parameters) - {"self"}
    places = {KEPT_OTHERWISE.get(name, name) for name in options} - {None}
    assert places <= NAMES
    assert NAMES - places == {"seeded", "time_column", "most_slots", "memory_each_mb"}  # from others, and from `fit`
