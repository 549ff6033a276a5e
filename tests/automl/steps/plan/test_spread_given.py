"""A table in lists is spread for a task that takes some, with all that goes along with its rows."""

from dataclasses import replace

import pandas as pd
import pytest

from automl import AutoML
from automl.errors import InputError, OptionError
from automl.steps.plan.given import Given
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.plan.spread_given import spread_given
from automl.table.take_table import Extras
from automl_builtins.tasks.tokens import SPEC

TABLE = pd.DataFrame({"tokens": [["a", "b"], [], ["c"]], "tags": [["O", "B"], [], ["O"]], "weight": [1.0, 2.0, 3.0]})
SETTINGS = parse_settings(AutoML(task="token_classification").get_params(deep=False))


def spread(target="tags", extras=None, asks=SPEC, settings=SETTINGS, table=TABLE):
    return spread_given(Given(table, target, extras or Extras()), asks, settings)


def test_rows_become_groups_and_that_is_told():
    given, told = spread()
    assert given.target == "tags"
    assert given.extras.groups == "sentence"
    assert given.data["sentence"].tolist() == [0, 0, 2]
    assert [each.found for each in told] == [
        "each of the 3 rows holds lists, with 3 elements in all",
        "1 of 3 rows hold empty lists",
    ]


def test_a_target_beside_the_table_weights_and_unlabeled_rows_go_along():
    table, target = TABLE[["tokens"]], TABLE["tags"]
    given, _ = spread(target, Extras(sample_weight=[1.0, 2.0, 3.0], unlabeled=table.iloc[:1]), table=table)
    assert given.data[given.target].tolist() == ["O", "B", "O"]
    assert given.extras.sample_weight.tolist() == [1.0, 1.0, 3.0]
    assert given.extras.unlabeled["tokens"].tolist() == ["a", "b"]
    assert spread(TABLE["tags"].tolist(), table=table)[0].target == "target"
    assert spread(extras=Extras(sample_weight="weight"))[0].extras.sample_weight == "weight"
    with pytest.raises(InputError, match="Found 2 lists of the target for 3 rows"):
        spread(TABLE["tags"].tolist()[:2], table=table)


def test_other_tasks_and_tables_are_left_alone():
    long = pd.DataFrame({"token": ["a"], "tag": ["O"]})
    assert spread("tag", table=long)[0].data is long
    given = Given(TABLE, "tags", Extras())
    assert spread_given(given, replace(SPEC, in_lists=False), SETTINGS) == (given, ())
    assert spread_given(given, None, SETTINGS) == (given, ())


def test_what_says_how_rows_belong_together_is_refused():
    with pytest.raises(InputError, match="Found lists in the cells of the table, and groups"):
        spread(extras=Extras(groups="weight"))
    with pytest.raises(OptionError, match="cv as a splitter or index pairs"):
        spread(settings=replace(SETTINGS, cv=[([0], [1])]))
