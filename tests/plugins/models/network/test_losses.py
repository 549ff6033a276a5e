"""Losses of rows and their slopes, of each loss that the network has."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from automl_builtins.models.network.losses import loss_of_mean, losses_of, slopes_of
from automl_builtins.models.network.shape import Shape

RNG = np.random.default_rng(0)
OUTPUTS = RNG.normal(size=(2, 6, 3)) * 3.0
VALUES, MANY, CLASSES, LABELS = RNG.normal(size=6), RNG.normal(size=(6, 3)), np.arange(6) % 3, RNG.random((6, 3)) > 0.5


def shape(loss, n_outputs=3, quantiles=()):
    return Shape(1, 1, (), n_outputs, loss, {}, quantiles)


def pinball(level, missing):
    return np.where(missing > 0, level * missing, (level - 1.0) * missing)


EACH = {
    "classes": (shape("classes"), CLASSES, -log_softmax(OUTPUTS, axis=2)[:, np.arange(6), CLASSES]),
    "labels": (
        shape("labels"), LABELS.astype(float),
        -np.log(np.where(LABELS, expit(OUTPUTS), expit(-OUTPUTS))).mean(axis=2),
    ),
    "squared": (shape("squared", 1), VALUES, (OUTPUTS[:, :, 0] - VALUES) ** 2),
    "absolute": (shape("absolute", 1), VALUES, np.abs(OUTPUTS[:, :, 0] - VALUES)),
    "quantile": (shape("quantile:0.9", 1), VALUES, pinball(0.9, VALUES - OUTPUTS[:, :, 0])),
    "levels": (
        shape("levels", quantiles=(0.1, 0.5, 0.9)), VALUES,
        pinball(np.array([0.1, 0.5, 0.9]), VALUES[:, None] - OUTPUTS).mean(axis=2),
    ),
    "several values": (shape("squared"), MANY, ((OUTPUTS - MANY) ** 2).mean(axis=2)),
    "several absolute": (shape("absolute"), MANY, np.abs(OUTPUTS - MANY).mean(axis=2)),
}  # fmt: skip


@pytest.mark.parametrize("name", EACH)
def test_a_rows_loss_is_that_of_the_formula_and_its_slopes_are_of_that(name):
    wanted, target, expected = EACH[name]
    outputs = OUTPUTS[:, :, : wanted.n_outputs]
    np.testing.assert_allclose(losses_of(outputs, target, wanted), expected, rtol=1e-6)
    found = slopes_of(outputs, target, wanted)
    for place in range(wanted.n_outputs):
        more = outputs.copy()
        more[:, :, place] += 1e-6
        slope = (losses_of(more, target, wanted) - losses_of(outputs, target, wanted)) / 1e-6
        np.testing.assert_allclose(found[:, :, place], slope, atol=1e-4)


def test_large_outputs_have_finite_losses():
    for name in ("classes", "labels"):
        wanted, target, _ = EACH[name]
        assert np.isfinite(losses_of(1e4 * OUTPUTS.astype(np.float32), target, wanted)).all()
        assert np.isfinite(slopes_of(1e4 * OUTPUTS.astype(np.float32), target, wanted)).all()
        assert np.isfinite(loss_of_mean(1e4 * OUTPUTS.astype(np.float32), target, wanted, 1e-7)).all()


@pytest.mark.parametrize("name", ["classes", "labels"])
def test_the_loss_of_the_mean_is_that_of_the_members_mean_probability(name):
    wanted, target, expected = EACH[name]
    alone = loss_of_mean(OUTPUTS[:1], target, wanted, 1e-9)
    np.testing.assert_allclose(alone, expected[:1], rtol=1e-6)
    assert (loss_of_mean(OUTPUTS, target, wanted, 1e-9) <= expected.mean(axis=0) + 1e-12).all()
