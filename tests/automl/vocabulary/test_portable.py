"""A user's own function goes along where an estimator is pickled, with its code where no other process has it."""

import copy
import operator
import pickle
import subprocess
import sys

import pytest

from automl.errors import ArtifactError
from automl.vocabulary.portable import Portable, _with_code


def through_a_pickle(value):
    return pickle.loads(pickle.dumps(Portable(value))).value


def test_what_every_process_finds_is_named_and_not_copied():
    assert through_a_pickle(operator.add) is operator.add
    assert len(pickle.dumps(Portable(operator.add))) < 200


def test_a_function_within_a_function_goes_along_with_its_code():
    offset = 40
    assert through_a_pickle(lambda value: value + offset)(2) == 42


def test_a_function_of_a_script_works_where_the_script_is_not(tmp_path):
    script = (
        "import pickle, sys; from automl.vocabulary.portable import Portable\n"
        "def double(value): return 2 * value\n"
        "open(sys.argv[1], 'wb').write(pickle.dumps(Portable(double)))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "it")], check=True)
    assert pickle.loads((tmp_path / "it").read_bytes()).value(21) == 42


def test_functions_are_not_copied_with_the_estimator_that_holds_them():
    held = Portable(lambda: None)
    assert copy.deepcopy(held) is held


def test_a_module_that_is_not_here_is_named():
    with pytest.raises(ArtifactError, match="needs 'no_such_module' here"):
        _with_code(b"cno_such_module\nmetric\n.")
