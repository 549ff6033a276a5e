"""Any table is either fitted, predicted, saved and loaded, or refused by an error of this package."""

import numpy as np
import pandas as pd
import pytest

from tests.drawn_tables import MAKERS, REFUSED, Drawn, draw, run_through, with_gaps

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_table_goes_through_or_is_refused(seed, tmp_path):
    assert run_through(draw(seed), tmp_path).startswith(("fitted", "refused: "))


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind not in REFUSED])
def test_every_kind_of_column_goes_through_beside_a_number(kind, tmp_path):
    rng = np.random.default_rng(0)
    frame = with_gaps(MAKERS[kind](rng, 40), rng).to_frame("odd").assign(number=rng.normal(size=40))
    frame["y"] = rng.choice(["no", "yes"], 40)
    options = {"models": ["linear"], "cv": 2, "max_trials": 1}
    assert run_through(Drawn(0, frame, "y", options), tmp_path) == "fitted"


@pytest.mark.parametrize("kind", REFUSED)
def test_a_column_that_no_model_can_use_is_refused_or_taken(kind, tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"odd": MAKERS[kind](rng, 40), "number": rng.normal(size=40)})
    frame["y"] = rng.choice(["no", "yes"], 40)
    found = run_through(Drawn(0, frame, "y", {"models": ["linear"], "cv": 2, "max_trials": 1}), tmp_path)
    assert found == "fitted" if kind == "bytes" else found.startswith("refused: Column 'odd'")
