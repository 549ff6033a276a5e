"""A worker that has warmed up has what every fit needs, whatever the model."""

import sys

from automl.steps.fit.warm_up import MODULES, warm_up


def test_what_it_names_can_be_imported_and_is_there_afterwards():
    warm_up()
    assert set(MODULES) <= set(sys.modules)
