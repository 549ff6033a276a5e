"""A borrowed learner is given another task, and what it predicts is turned back."""

import numpy as np
import pandas as pd

from automl.plugin_api import BorrowedLearner, Dataset, FitContext, Schema, SklearnLearner, Task, TaskKind

RATING = Task(TaskKind("ordinal"), "y", (10, 20, 30), ordered=True)
VALUES = Task(TaskKind.REGRESSION, "y")


class Turned(BorrowedLearner):
    def there(self, target):
        return target * 10.0

    def back(self, outputs):
        return outputs / 10.0


class Asks(SklearnLearner):
    def refit_params(self):
        return {"rounds": 7}


def tree():
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor()


def rows(task=RATING):
    target = np.arange(30) % 3
    return Dataset(pd.DataFrame({"a": target * 1.0}), target, Schema(()), task, np.arange(30))


def test_the_learner_sees_its_own_task_and_target_and_the_rows_their_own():
    learner = Turned(SklearnLearner(tree()), VALUES)
    data = rows()
    learner.fit(data, rows(), FitContext())
    assert learner.turned(data).task is VALUES
    assert learner.inner.predict(data.features)[:3, 0].tolist() == [0.0, 10.0, 20.0]
    assert learner.predict(data.features)[:3, 0].tolist() == [0.0, 1.0, 2.0]


def test_what_a_learner_asks_for_when_it_is_fitted_again_is_handed_on():
    assert Turned(Asks(tree()), VALUES).refit_params() == {"rounds": 7}
    assert Turned(SklearnLearner(tree()), VALUES).refit_params() == {}
