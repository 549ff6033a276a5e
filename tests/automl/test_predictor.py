"""What a predictor's members say, each for itself."""

import numpy as np
import pandas as pd

from automl import AutoML

CAP = 2.3
OPTIONS = {"time_limit": None, "max_trials": 1, "executor": "in_process", "n_jobs": 1, "verbose": 0}


def test_the_mean_of_fold_models_at_a_cap_is_the_cap_to_the_last_bit():
    x = np.linspace(-3.0, 3.0, 90)
    frame = pd.DataFrame({"x": x, "y": np.minimum(2.0 * x, CAP)})
    model = AutoML(models=["linear"], cv=9, **OPTIONS).fit(frame, "y")
    predictor = model._fit.predictor
    assert predictor.task.ends[1] == CAP < sum([CAP] * 9) / 9
    (found,) = predictor.predict_members(pd.DataFrame({"x": [9.0, 0.0]})).values()
    assert found[0, 0] == CAP > found[1, 0]
