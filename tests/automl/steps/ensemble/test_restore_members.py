"""Models that lie on a lost machine are found out, and what is told of them counts them."""

from dataclasses import replace

from automl.steps.ensemble.restore_members import Restored, is_lost
from automl.vocabulary.refs import Ref
from tests.automl.steps.ensemble.test_gather_readable import result


def gone(member):
    raise FileNotFoundError(member.name)


def test_a_model_here_is_not_lost_and_one_elsewhere_is_where_it_cannot_be_fetched(tmp_path):
    (fold,) = result(tmp_path, 1).folds
    away = replace(fold, member=Ref("model", place=("session", "1")))
    assert not is_lost(fold, gone)
    assert is_lost(away, gone)
    assert not is_lost(away, lambda member: b"")


def test_what_was_lost_is_told():
    assert Restored(()).note() == ""
    assert "3 of them were fitted again." in Restored((), 3, 3).note()
    assert "1 candidates were left out" in Restored((), 3, 2, frozenset({"a"})).note()
