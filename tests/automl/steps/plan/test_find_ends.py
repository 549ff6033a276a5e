"""Where the values of a target end."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.steps.plan.find_ends import HEAPED_ROWS, ONE_SIDED_ROWS, ends_of, with_ends
from automl.vocabulary.task import NO_ENDS, Block, Task, TaskKind, Trait, of_several

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


def drawn(n: int = 1000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 1.0, n)


def test_values_that_grow_rare_end_nowhere():
    assert ends_of(drawn()) == (-math.inf, math.inf)


def test_many_rows_with_the_outermost_value_show_a_cap_or_a_floor():
    assert ends_of(np.minimum(drawn(), 1.5)) == (-math.inf, 1.5)
    assert ends_of(np.maximum(drawn(), -1.5)) == (-1.5, math.inf)


def test_a_share_of_a_hundredth_is_wanted_and_some_rows():
    few = np.concatenate([drawn(5000), np.full(40, 9.0)])
    assert ends_of(few)[1] == math.inf
    assert ends_of(np.concatenate([few, np.full(40, 9.0)]))[1] == 9.0
    small = np.concatenate([drawn(50), np.full(HEAPED_ROWS - 1, 9.0)])
    assert ends_of(small)[1] == math.inf


def test_many_values_on_one_side_of_zero_stay_there():
    sizes = np.abs(drawn()) + 0.1
    assert ends_of(sizes) == (0.0, math.inf)
    assert ends_of(-sizes) == (-math.inf, 0.0)
    assert ends_of(sizes[: ONE_SIDED_ROWS - 1]) == (-math.inf, math.inf)


def test_a_zero_below_zero_is_a_zero():
    assert str(ends_of(np.where(drawn() > 0, drawn(), -0.0))) == "(0.0, inf)"


def test_rows_of_one_group_that_share_a_value_are_no_cap():
    groups = np.repeat(np.arange(40), 25)
    of_groups = np.where(groups == 7, 9.0, drawn())
    assert ends_of(of_groups) == (-math.inf, 9.0)
    assert ends_of(of_groups, groups) == NO_ENDS
    assert ends_of(np.minimum(drawn(), 1.0), groups) == (-math.inf, 1.0)
    assert ends_of(np.abs(drawn()), groups) == NO_ENDS  # 40 groups say little of where the next lies
    assert ends_of(np.abs(drawn()), np.arange(1000) // 2) == (0.0, math.inf)


def test_an_end_that_later_rows_alone_reach_is_none():
    time = np.random.default_rng(1).permutation(1000)
    rising = np.minimum(time, 900.0)
    assert ends_of(rising) == (0.0, 900.0)
    assert ends_of(rising, time=time) == (0.0, math.inf)
    assert ends_of(30.0 - time / 40, time=time) == NO_ENDS  # on its way to zero and below
    assert ends_of(np.clip(drawn(), 0.0, 1.0), time=time) == (0.0, 1.0)


def test_what_was_never_below_zero_is_taken_to_stay_there_unless_it_is_on_its_way():
    time = np.random.default_rng(1).permutation(1000)
    sold = 20.0 + time / 100 + drawn()
    assert ends_of(sold, time=time) == ends_of(sold[::-1], time=time) == (0.0, math.inf)
    assert ends_of(-sold, time=time) == (-math.inf, 0.0)
    assert ends_of(sold[time < 104], time=time[time < 104]) == (0.0, math.inf)
    assert ends_of(30.0 - time / 40, time=time) == NO_ENDS
    assert ends_of(np.maximum(30.0 - time / 20, 0.0), time=time) == (0.0, math.inf)


def test_outputs_that_are_in_other_units_than_the_target_have_no_ends():
    values = np.minimum(np.abs(drawn()), 1.0)
    kind = TaskKind("of_a_plugin")
    assert with_ends(Task(TaskKind.REGRESSION, "y"), values).ends == (0.0, 1.0)
    assert with_ends(Task(kind, "y", parts=(Block("y", trait=Trait.ORDERED, levels=(0.1, 0.9)),)), values).ends == (
        0.0,
        1.0,
    )
    for parts in [(Block("mean"), Block("log_deviation")), (Block("y", trait=Trait.SCORE),)]:
        assert with_ends(Task(kind, "y", parts=parts), values).ends == NO_ENDS
    assert with_ends(Task(TaskKind.BINARY, "y", (0, 1)), values.astype(int)).ends == NO_ENDS


def test_each_of_several_targets_has_its_own_ends():
    tasks = [Task(TaskKind.REGRESSION, "y"), Task(TaskKind.BINARY, "z", (0, 1)), Task(TaskKind.REGRESSION, "x")]
    task = of_several(TaskKind("several"), tasks, [each.blocks[0] for each in tasks])
    target = np.column_stack([np.minimum(drawn(), 1.0), drawn() > 0, drawn()])
    assert [each.ends for each in with_ends(task, target).targets] == [(-math.inf, 1.0), NO_ENDS, NO_ENDS]


def test_values_that_are_all_as_frequent_are_no_cap_however_many_rows_have_the_last():
    years = np.repeat(np.arange(2000.0, 2024.0), 50)
    assert ends_of(years) == (0.0, math.inf)
    assert ends_of(np.minimum(years - 2010.0, 5.0)) == (-math.inf, 5.0)


def test_ends_that_a_task_came_with_stay_and_other_numbers_beside_a_value_are_none_of_its_units():
    own = Task(TaskKind.REGRESSION, "y", ends=(-5.0, 5.0))
    assert with_ends(own, np.abs(drawn())).ends == (-5.0, 5.0)
    task = of_several(TaskKind("several"), [Task(TaskKind.REGRESSION, "y")], [Block("y", n_numbers=2)])
    assert with_ends(task, np.abs(drawn())[:, None]).targets[0].ends == NO_ENDS


def test_no_values_have_no_ends():
    assert ends_of(np.zeros(0)) == (-math.inf, math.inf)


@given(arrays(np.float64, st.integers(0, 300), elements=NUMBERS | st.sampled_from([0.0, 7.0])))
def test_every_value_lies_between_the_ends(values):
    least, most = ends_of(values)
    assert ((least <= values) & (values <= most)).all()
    if len(values):
        assert math.isinf(least) or least in (values.min(), 0.0)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_turned_round_the_ends_are_turned_round(sign):
    values = sign * np.minimum(drawn(), 1.0)
    least, most = ends_of(values)
    assert ends_of(-values) == (-most, -least)
