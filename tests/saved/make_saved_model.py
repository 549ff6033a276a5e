"""Make the saved model that later versions have to load: `python -m tests.saved.make_saved_model`, once a format.

It writes `format_<number>.automl`, and `format_<number>.json` with the rows that it was asked for and its answers.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from automl.artifact import FORMAT
from automl.plugin_api import EnsemblerSpec, hookimpl
from automl_builtins.ensemblers._candidates import WeightedAverage
from tests.conftest import quick
from tests.tables import binary_table, mixed_table

FOLDER = Path(__file__).parent
MODELS = ["baseline", "linear", "lightgbm", "extra_trees", "nearest_neighbors"]


class EqualVotes:
    """Offers an ensemble of all candidates, so that the saved model has a member of each kind."""

    @hookimpl
    def automl_ensemblers(self):
        return (EnsemblerSpec("equal", EqualVotes.build, family="equal", in_auto=False),)

    @staticmethod
    def build(request):
        return EqualVotes()

    def fit(self, out_of_fold, context):
        n_candidates = len(out_of_fold.predictions)
        return WeightedAverage(np.full(n_candidates, 1 / n_candidates))


def main():
    """Fit on made-up rows, save, and record predictions."""
    options = {"models": MODELS, "max_trials": 5, "cv": 2, "ensemble": "equal", "plugins": [EqualVotes()]}
    model = quick(**options).fit(binary_table(60), "bought")
    model.save(FOLDER / f"format_{FORMAT}.automl")
    rows = mixed_table(12, seed=9)
    table = json.loads(rows.to_json(orient="split", date_format="iso", index=False))
    table["data"].append([None] * rows.shape[1])
    answers = {"rows": table, "probabilities": model.predict_proba(read_rows(table)).tolist()}
    (FOLDER / f"format_{FORMAT}.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


def read_rows(table):
    """Return the recorded rows as a frame."""
    return pd.DataFrame(table["data"], columns=table["columns"], dtype=object)


if __name__ == "__main__":
    main()
