"""What a network puts out is its formula, and what goes backward are the slopes of that."""

from __future__ import annotations

import numpy as np
import pytest

from automl_builtins.models.network.activations import activate
from automl_builtins.models.network.losses import losses_of, slopes_of
from automl_builtins.models.network.passes import CHUNK, Trace, backward, forward, outputs_of
from automl_builtins.models.network.shape import Rows, Shape, initial_values

MEMBERS = 3


def network(loss, n_rows=20, n_numbers=3, levels=(5, 4)):
    rng = np.random.default_rng(0)
    params = {"width": 8, "layers": 2, "frequencies": 4, "embedding": 2, "period_spread": 0.3}
    shape = Shape(n_numbers, 2, levels, 2 if loss == "classes" else 1, loss, params)
    codes = [rng.integers(0, count, n_rows) for count in levels]
    rows = Rows(
        rng.normal(size=(n_rows, n_numbers)),
        rng.normal(size=(n_rows, 2)),
        np.stack(codes, axis=1) if codes else np.zeros((n_rows, 0), dtype=np.int64),
        np.arange(n_rows) % 2 if loss == "classes" else rng.normal(size=n_rows),
    )
    members = [initial_values(shape, rows, rng) for _ in range(MEMBERS)]
    values = {name: np.stack([member[name] for member in members]).astype(np.float64) for name in members[0]}
    values["w_out"] = rng.normal(size=values["w_out"].shape)
    return shape, rows, values


def by_row(values, rows, shape, member, row):
    own = {name: value[member] for name, value in values.items()}
    given = [*rows.plain[row], *rows.numbers[row]]
    for place, number in enumerate(rows.numbers[row]):
        waves = np.cos(2 * np.pi * number * own["period_w"][place] + own["period_b"][place])
        given += [*(waves @ own["period_out"][place] + own["period_bias"][place])]
    for place, level in enumerate(rows.embedded[row]):
        given += [*own[f"embedding_{place}"][level]]
    units = np.array(given) * own["scale"]
    for layer in range(2):
        units = units @ own[f"w_{layer}"] / np.sqrt(len(units)) + own[f"bias_{layer}"]
        activate(units, shape.loss, 1.0)
    return units @ own["w_out"] / np.sqrt(len(units)) + own["bias_out"]


@pytest.mark.parametrize("loss", ["classes", "squared"])
def test_a_row_gives_what_the_formula_says_alone_and_among_others(loss):
    shape, rows, values = network(loss, n_rows=CHUNK + 3)
    found = outputs_of(values, rows, shape)
    assert found.shape == (MEMBERS, CHUNK + 3, shape.n_outputs)
    for row in (0, 1, CHUNK - 1, CHUNK + 2):
        expected = [by_row(values, rows, shape, member, row) for member in range(MEMBERS)]
        np.testing.assert_allclose(found[:, row], expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(outputs_of(values, rows.take(slice(row, row + 1)), shape)[:, 0], expected, rtol=1e-9)
    assert outputs_of(values, rows.take(slice(0, 0)), shape).shape == (MEMBERS, 0, shape.n_outputs)


@pytest.mark.parametrize("loss", ["classes", "squared"])
@pytest.mark.parametrize(("n_numbers", "levels"), [(3, (5, 4)), (0, (6,)), (2, ())])
def test_slopes_are_what_the_loss_gains_by_a_small_change_of_each_parameter(loss, n_numbers, levels):
    shape, rows, values = network(loss, 12, n_numbers, levels)

    def total(changed):
        return losses_of(forward(changed, rows, shape), rows.target, shape).sum(axis=1)

    trace, into = Trace(), {name: np.full_like(value, np.nan) for name, value in values.items()}
    outputs = forward(values, rows, shape, trace)
    np.testing.assert_array_equal(outputs, forward(values, rows, shape))
    backward(values, rows, shape, trace, slopes_of(outputs, rows.target, shape), into)
    for name, value in values.items():
        for place in np.random.default_rng(1).permutation(value[0].size)[:12]:
            index = np.unravel_index(place, value[0].shape)
            more, less = dict(values), dict(values)
            more[name], less[name] = value.copy(), value.copy()
            more[name][(slice(None), *index)] += 1e-5
            less[name][(slice(None), *index)] -= 1e-5
            slope = (total(more) - total(less)) / 2e-5
            np.testing.assert_allclose(into[name][(slice(None), *index)], slope, rtol=1e-4, atol=1e-6, err_msg=name)
