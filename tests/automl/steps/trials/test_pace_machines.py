"""How quick machines are is learnt from their fits, slowly, and one alone is neither quick nor slow."""

import pytest

from automl.steps.trials.pace_machines import MOST_TIMES, MachinePaces


def test_one_machine_alone_has_the_usual_pace():
    paces = MachinePaces()
    for _ in range(9):
        paces.learn("", 3.0, 1.0)
    assert (paces.pace(""), paces.pace("unheard of")) == (1.0, 1.0)


def test_paces_come_near_to_what_was_measured_with_the_number_of_fits():
    paces, seen = MachinePaces(), []
    for _ in range(40):
        paces.learn("slow", 2.0, 1.0)
        paces.learn("usual", 1.0, 1.0)
        seen.append(paces.pace("slow"))
    assert seen[0] < 1.2
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(2.0, rel=0.15)
    assert paces.pace("usual") == 1.0


def test_a_fit_of_a_model_of_which_nothing_is_known_and_one_odd_fit_say_little():
    paces = MachinePaces()
    paces.learn("a", 50.0, None)
    paces.learn("b", 1e9, 1.0)
    assert paces.pace("a") == 1.0
    assert paces.pace("b") < MOST_TIMES ** (1 / 4)
