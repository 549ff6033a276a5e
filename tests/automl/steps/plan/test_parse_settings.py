"""From all options to the settings of a search, by the table of options."""

import pytest

from automl.errors import OptionError
from automl.steps.plan.options import OPTIONS
from automl.steps.plan.parse_settings import parse_settings
from automl.vocabulary.schema import ColumnKind

DEFAULTS = {name: option.default for name, option in OPTIONS.items()}


def test_options_that_are_read_together_become_one_setting():
    found = parse_settings({**DEFAULTS, "dates": "dmy", "decimal": {"price": ","}, "columns": {"zip": "text"}})
    assert (found.asked.dates, found.asked.decimal) == ({"": "dmy"}, {"price": ","})
    assert found.columns == (("zip", ColumnKind.TEXT),)


def test_it_is_kept_whether_somebody_gave_a_seed():
    assert not parse_settings(DEFAULTS).seeded
    found = parse_settings({**DEFAULTS, "random_state": 0})
    assert (found.seeded, found.random_state) == (True, 0)


def test_an_option_that_was_not_given_is_at_its_default():
    found = parse_settings({"time_limit": 60, "max_trials": None, "random_state": None})
    assert (found.ensemble, found.strategy, found.executor, found.refit) == ("auto", "portfolio", "process_slots", None)


def test_without_any_end_the_search_is_refused():
    with pytest.raises(OptionError, match="would never end"):
        parse_settings({**DEFAULTS, "time_limit": None})
