"""States are texts of their own: they are told, compared and written as such."""

import json
import pickle

import pytest

from automl.vocabulary.states import Ended, Lack, Refusal, Stage, Status


@pytest.mark.parametrize("state", [*Status, *Stage, *Lack, *Refusal, *Ended], ids=repr)
def test_a_state_is_its_text_wherever_it_goes(state):
    assert f"{state}" == state.value == state
    assert json.loads(json.dumps(state)) == state
    assert pickle.loads(pickle.dumps(state)) is state


def test_a_fit_that_lacked_nothing_is_told_from_one_that_did():
    assert not Lack.NOTHING
    assert all(each for each in Lack if each is not Lack.NOTHING)


def test_a_proposal_that_was_run_is_told_from_one_that_was_not():
    assert not Refusal.NONE
    assert all(each for each in Refusal if each is not Refusal.NONE)
