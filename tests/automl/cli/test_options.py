"""A command's parameters are its own and those of the table of options, each where the help shows it."""

import inspect

import pytest

from automl.cli._options import options_of
from automl.cli.compete import compete
from automl.cli.fit import fit


@pytest.mark.parametrize(("command", "function"), [("fit", fit), ("compete", compete)])
def test_what_is_typed_becomes_options_of_the_estimator_by_their_own_names(command, function):
    typed = {name: each.default for name, each in inspect.signature(function).parameters.items()}
    typed |= {"jobs": 3, "seed": 7, "time_limit": "NONE", "models": "linear, svm", "column": ["zip=text"]}
    options = options_of(command, typed)
    assert (options["n_jobs"], options["random_state"], options["time_limit"]) == (3, 7, None)
    assert (options["models"], options["exclude"], options["columns"]) == (["linear", "svm"], (), {"zip": "text"})


def test_the_search_is_asked_for_between_the_target_and_the_place_to_save():
    names = list(inspect.signature(fit).parameters)
    assert names.index("target") < names.index("time_limit") < names.index("groups") < names.index("output")
    assert names.index("refit") + 1 == names.index("seed")
    assert "given" not in names
