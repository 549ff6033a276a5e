"""Models that do what a model must not, and a good one; offered by objects that stand in for plugin packages."""

import os
import sys
import time

import numpy as np

from automl.plugin_api import Float, ModelSpec, hookimpl

NEVER = 10**9


class ClassShares:
    """A tiny, honest learner: class shares, or the mean; stands beside the ones that break."""

    def __init__(self, request):
        self.request = request

    def fit(self, train, valid, context):
        if train.task.kind.is_classification:
            self.outputs = (np.bincount(train.target, minlength=train.task.n_outputs) + 1.0) / (
                train.n_rows + train.task.n_outputs
            )
        else:
            self.outputs = np.array([train.target.mean()])

    def predict(self, features):
        return np.tile(self.outputs, (features.shape[0], 1))


class RaisesInFit(ClassShares):
    def fit(self, train, valid, context):
        raise ValueError("the fit broke")


class RaisesInPredict(ClassShares):
    def predict(self, features):
        raise ValueError("the prediction broke")


class PredictsNaN(ClassShares):
    def predict(self, features):
        return np.full_like(super().predict(features), np.nan)


class PredictsWrongShape(ClassShares):
    def predict(self, features):
        return super().predict(features)[:, 0]


class Aborts(ClassShares):
    def fit(self, train, valid, context):
        os.abort()


class Exits(ClassShares):
    def fit(self, train, valid, context):
        sys.exit()


class Sleeps(ClassShares):
    def fit(self, train, valid, context):
        time.sleep(NEVER)


class LoopsInC(ClassShares):
    """Holds the interpreter lock in one long operation that no signal handler can end."""

    def fit(self, train, valid, context):
        self.outputs = np.array([3 ** (10**9) % 7])


class SpoilsItsInput(ClassShares):
    """Changes the frame that it was handed."""

    def fit(self, train, valid, context):
        train.features["extra"] = 1.0
        train.target[:] = 0
        super().fit(train, valid, context)


def raises_in_build(request):
    raise ValueError("the build broke")


BUILDERS = {
    "raises_in_build": raises_in_build,
    "raises_in_fit": RaisesInFit,
    "raises_in_predict": RaisesInPredict,
    "predicts_nan": PredictsNaN,
    "predicts_wrong_shape": PredictsWrongShape,
    "aborts": Aborts,
    "exits": Exits,
    "sleeps": Sleeps,
    "loops_in_c": LoopsInC,
    "spoils_its_input": SpoilsItsInput,
    "class_shares": ClassShares,
}


class Offers:
    """A plugin that offers some of the models above, each with a space so that a strategy may go on with it."""

    def __init__(self, *names):
        self.names = names

    @hookimpl
    def automl_models(self):
        return [
            ModelSpec(
                name,
                BUILDERS[name],
                space={"x": Float(0.0, 1.0)},
                defaults=({"x": 0.5},),
                scaling="standard",
            )
            for name in self.names
        ]


class Hoards(ClassShares):
    """Takes ever more memory and holds it for a while."""

    megabytes = 600

    def fit(self, train, valid, context):
        self._hoard = []
        for _ in range(self.megabytes // 20):
            self._hoard.append(np.ones(20 * 2**17))
            time.sleep(0.05)
        time.sleep(1.5)
        self._hoard = []
        super().fit(train, valid, context)


BUILDERS["hoards"] = Hoards
