"""What every built-in strategy keeps to."""

import pytest

from tests.plugins.strategies.walks import MODELS, SPACE, STRATEGIES, built, walk


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_value_proposed_lies_in_its_domain(name):
    proposals = walk(built(name), 200)
    assert len(proposals) == 200
    for proposal in proposals:
        for key, value in proposal.params.items():
            assert SPACE[key].contains(value), proposal


@pytest.mark.parametrize("name", STRATEGIES)
def test_equal_seeds_and_outcomes_give_equal_proposals_and_other_seeds_do_not(name):
    def losses(proposal):
        return proposal.params.get("x", 1.0)

    one, two, other = (walk(built(name, seed=seed), 60, losses) for seed in (4, 4, 5))
    assert one == two
    assert one != other


@pytest.mark.parametrize("name", STRATEGIES)
def test_models_without_a_space_end_the_search_after_their_defaults(name):
    assert [each.model for each in walk(built(name, MODELS[3:]), 10)] == ["fixed"]


@pytest.mark.parametrize("name", STRATEGIES)
def test_no_models_is_nothing_to_try(name):
    assert built(name, ()).ask(10.0) is None


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_model_is_tried_before_any_is_searched(name):
    first = walk(built(name), 9 if name == "portfolio" else 4)
    assert {each.model for each in first} == {"linear", "lightgbm", "own", "fixed"}
    assert {each.origin for each in first[:4]} == {"portfolio"}
