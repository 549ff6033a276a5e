"""Only so many candidates are kept, and the best of each model is always among them."""

from types import SimpleNamespace

from automl.steps.trials.keep_best import BestKept


def result(order, loss, model="a"):
    return SimpleNamespace(loss=loss, order=order, candidate=SimpleNamespace(model=model))


def test_below_the_bound_nobody_is_let_go():
    kept = BestKept(3)
    assert [kept.add(result(order, -order), order) for order in range(3)] == [None, None, None]
    assert kept.note() == ""


def test_the_worst_is_let_go_that_is_not_the_best_of_its_model():
    kept = BestKept(2)
    losses = [(1.0, "a"), (9.0, "b"), (2.0, "a"), (3.0, "b"), (0.5, "a")]
    found = [kept.add(result(order, loss, model), order) for order, (loss, model) in enumerate(losses)]
    assert found == [None, None, 2, 1, 0]
    assert kept.n_let_go == 3


def test_where_each_is_the_best_of_its_model_all_are_kept():
    kept = BestKept(1)
    assert [kept.add(result(order, 1.0, str(order)), order) for order in range(3)] == [None, None, None]
