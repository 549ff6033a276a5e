"""The portfolio: measured configurations first, then those that promise the most."""

import math
from dataclasses import replace

import pytest

from automl.plugin_api import ALL_TASKS, ColumnKind, ModelSpec, Outcome, Proposal, Refusal, Status, TaskKind
from automl.registry import discover
from automl.steps.plan.borrow_models import for_kind
from automl_builtins.strategies.portfolio import lies_in_space, measured_order, portfolio
from tests.plugins.strategies.walks import MODELS, SPACE, built, walk


def test_models_that_were_not_measured_go_round_by_round_with_the_strong_ones_first():
    names = [each.model for each in walk(built("portfolio"), 8)]
    assert names == ["lightgbm", "linear", "fixed", "own", "lightgbm", "linear", "lightgbm", "lightgbm"]


def test_the_measured_order_comes_first_with_models_that_were_not_measured_in_between():
    known = [for_kind(spec, TaskKind.REGRESSION) for spec in discover().models.values()]
    models = [spec for spec in known if spec.name != "baseline" and not spec.needs]
    measured = measured_order()
    own = ModelSpec("own", None, space=SPACE, defaults=({"x": 3.0}, {"x": 4.0}))
    proposals = walk(built("portfolio", (own, *models)), len(measured))
    assert [each.params for each in proposals[:1]] == [each.params for each in measured[:1]]
    assert [position for position, each in enumerate(proposals) if each.model == "own"] == [1, 5]


def test_models_of_rare_columns_come_first_those_of_text_with_two_configurations():
    tried = [spec for spec in discover().models.values() if spec.in_auto]
    of_columns = [spec for spec in tried if ColumnKind.SEQUENCE not in spec.needs]
    models = [spec for spec in of_columns if spec.name != "baseline" and spec.tasks & ALL_TASKS]
    names = [each.model for each in walk(built("portfolio", models), 40)]
    images = [position for position, name in enumerate(names) if name in ("patches", "resnet")]
    first, end = max(images) + 1, max(images) + 9
    of_text = ["text_embeddings", "text_contrast", "bert", "text_linear", "text_embeddings", "bert", "text_linear"]
    assert names[first:end] == [*of_text, "text_embeddings"]
    assert set(names[:first]) == {"patches", "resnet"}
    assert names[end] == measured_order()[0].model


def test_what_a_model_does_itself_comes_later_where_it_is_borrowed_ahead_of_that():
    known = for_kind(discover().models["lightgbm"], TaskKind.REGRESSION)
    lent = replace(known, name="lightgbm (as regression)", lent_by="lightgbm")
    n_measured = sum(each.model == "lightgbm" for each in measured_order())
    ahead = [each.model for each in portfolio([lent, known])][: 2 * n_measured]
    assert ahead == [lent.name] * n_measured + [known.name] * n_measured
    assert [each.model for each in portfolio([known, lent])][:2] == [known.name, lent.name]


def test_configurations_for_one_kind_of_task_come_between_the_measured_ones_of_their_model():
    ranker = for_kind(discover().models["lightgbm"], TaskKind("ranking"))
    proposals = list(portfolio([ranker]))
    own = [position for position, each in enumerate(proposals) if "objective" in each.params]
    assert own == [4, 8]
    assert {proposals[position].params["objective"] for position in own} == {"rank_xendcg"}


def test_every_measured_configuration_still_lies_in_the_space_of_its_model():
    models = discover().models
    for proposal in measured_order():
        if proposal.model in models:
            assert lies_in_space(models[proposal.model], proposal), proposal


def test_a_measured_configuration_that_its_model_no_longer_knows_is_passed_over():
    changed = ModelSpec(measured_order()[0].model, None, space=SPACE, defaults=({"x": 3.0},))
    assert walk(built("portfolio", (changed,)), 1)[0].params == {"x": 3.0}


def test_after_the_portfolio_the_model_that_leads_is_proposed_more_often():
    loss = {"linear": 0.1, "lightgbm": 1.0, "own": 1.0, "fixed": 1.0}
    adaptive = walk(built("portfolio"), 208, lambda each: loss[each.model])[8:]
    counts = {name: sum(each.model == name for each in adaptive) for name in loss}
    assert counts["linear"] > counts["lightgbm"] + counts["own"]
    assert counts["fixed"] == 0
    assert {each.origin for each in adaptive} == {"neighbour", "random", "seed"}


def test_a_model_that_always_fails_is_not_proposed_again():
    loss = {"own": math.inf}
    adaptive = walk(built("portfolio"), 100, lambda each: loss.get(each.model, 1.0))[8:]
    assert {each.model for each in adaptive} == {"linear", "lightgbm"}


def test_nothing_is_proposed_that_would_not_end_in_time():
    def seconds(model, params):
        return 100.0 if model == "lightgbm" else 1.0

    strategy = built("portfolio", time_limit=60.0, estimate=seconds)
    walk(strategy, 8)
    assert {each.model for each in walk(strategy, 60, left=10.0)} == {"linear", "own"}
    assert strategy.ask(0.5) is None


def test_where_the_count_ends_the_search_no_estimate_is_asked_for():
    def never(model, params):
        raise AssertionError("a decision looked at the clock")

    assert len(walk(built("portfolio", estimate=never), 60)) == 60


def test_outcomes_of_models_that_the_strategy_does_not_know_are_passed_over():

    strategy = built("portfolio")
    strategy.tell(Outcome(Proposal("baseline", {}), 0.7, 0.1, "complete"))
    assert strategy.ask(math.inf).model == "lightgbm"


def test_where_later_rows_are_predicted_the_portfolio_tries_dates_with_and_without_what_only_grows():
    scaled = ModelSpec("scaled", None, space=SPACE, defaults=({"x": 1.0, "n": 2, "c": "a"},) * 2, scaling="standard")
    proposals = walk(built("portfolio", (*MODELS, scaled), dated=True), 60)
    seen = {(each.model, each.params.get("prepare.datetime")) for each in proposals}
    assert {("lightgbm", None), ("lightgbm", "date_seasons"), ("scaled", "date_cyclic_seasons")} <= seen
    assert {each.params.get("prepare.recency") for each in proposals} == {None, 0.4}
    assert not any({"prepare.datetime", "prepare.recency"} & set(each.params) for each in walk(built("portfolio"), 60))


def test_where_a_clock_runs_cheap_models_of_rare_columns_come_before_dear_ones_in_each_round():
    needs, cost = frozenset({ColumnKind.SEQUENCE}), {"a dear one": 90.0, "b cheap one": 2.0}
    twice = ({"x": 1.0}, {"x": 2.0})
    models = [ModelSpec(name, None, needs=needs, space=SPACE, defaults=twice) for name in cost]
    for limit, order in ((1e4, ["b cheap one", "a dear one"]), (None, ["a dear one", "b cheap one"])):
        made = built("portfolio", models, estimate=lambda model, _: cost[model], time_limit=limit)
        assert [each.model for each in walk(made, 4)] == 2 * order


def test_costs_of_models_of_rare_columns_that_are_about_the_same_change_no_order():
    needs, cost = frozenset({ColumnKind.TEXT}), {"a": 100.0, "b": 90.0, "c": 20.0}
    models = [ModelSpec(name, None, needs=needs, space=SPACE, defaults=({"x": 1.0},)) for name in cost]
    made = built("portfolio", models, estimate=lambda model, _: cost[model], time_limit=1e4)
    assert [each.model for each in walk(made, 3)] == ["c", "a", "b"]


def after_a_refusal(refusal, needs):
    """Return which configurations of two models come after the first, "a1", was refused."""
    twice = ({"x": 1.0}, {"x": 2.0})
    strategy = built("portfolio", [ModelSpec(name, None, needs=needs, space=SPACE, defaults=twice) for name in "ab"])
    strategy.tell(Outcome(strategy.ask(math.inf), math.inf, 0.0, Status.SKIPPED, refusal))
    return [f"{each.model}{each.params['x']:.0f}" for each in walk(strategy, 3)]


@pytest.mark.parametrize("refusal", [Refusal.UNKNOWN, Refusal.LIMITS, Refusal.MEMORY, Refusal.MACHINES])
def test_a_model_of_rare_columns_whose_first_configuration_makes_no_sense_gives_its_next_at_once(refusal):
    assert after_a_refusal(refusal, frozenset({ColumnKind.TEXT})) == ["a2", "b1", "b2"]
    assert after_a_refusal(refusal, frozenset()) == ["b1", "a2", "b2"]


@pytest.mark.parametrize("refusal", [Refusal.TRIED, Refusal.TIME])
def test_what_was_tried_before_a_break_or_does_not_fit_the_time_brings_nothing_forward(refusal):
    assert after_a_refusal(refusal, frozenset({ColumnKind.TEXT})) == ["b1", "a2", "b2"]


def test_a_model_of_rare_columns_that_says_it_takes_forever_comes_last():
    needs, cost = frozenset({ColumnKind.TEXT}), {"a": math.inf, "b": 5.0}
    models = [ModelSpec(name, None, needs=needs, space=SPACE, defaults=({"x": 1.0},)) for name in cost]
    made = built("portfolio", models, estimate=lambda model, _: cost[model], time_limit=1e4)
    assert [each.model for each in walk(made, 2)] == ["b", "a"]
