"""What the tests of the bert model share: a tiny network, and parameters by which it is soon trained."""

from __future__ import annotations

import pytest

from tests.plugins.models.texts import TINY_BERT


@pytest.fixture(scope="package")
def weights():
    return str(TINY_BERT)


@pytest.fixture(scope="package")
def quick(weights):
    return {
        "weights": weights, "train": "head", "tokens": 16, "layers": 1.0, "heads": 2, "learning_rate": 1e-2,
        "epochs": 12, "dropout": 0.0, "batch": 16,
    }  # fmt: skip
