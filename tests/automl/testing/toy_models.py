"""A learner that keeps the model contract, and one for each check that breaks just that."""

import hashlib
import threading
import time
from functools import partial

import numpy as np

from automl.plugin_api import ROWS, ColumnKind, Float, ModelSpec, Placed, Resources, TaskKind

FITTED = {}


def cell_number(value):
    if value is None:
        return 0.0
    if isinstance(value, np.ndarray):
        return value.mean() / 255
    if isinstance(value, Placed):
        value = value.text.split(ROWS)[value.place]
    return float("good" in value) - float("bad" in value)


class Toy:
    """Weighted class centroids, or a weighted ridge; numpy alone."""

    def __init__(self, request):
        self.task, self.strength = request.task, request.params.get("strength", 1.0)

    def fit(self, train, valid, context):
        weights = np.ones(train.n_rows) if train.weights is None else train.weights
        self.learn(self.matrix(train.features), train.target, weights, context)

    def learn(self, x, target, weights, context):
        if self.task.kind.is_classification:
            share = np.eye(self.task.n_outputs)[target] * weights[:, None]
            total = share.sum(axis=0) + 1e-200
            self.prior, self.centres = total / total.sum(), share.T @ x / (total[:, None] + 1e-9)
            self.spread = np.average((x - self.centres[target]) ** 2, axis=0, weights=weights) + 0.1 * self.strength
        else:
            x = np.column_stack([x, np.ones(len(x))])
            squares = (x * weights[:, None]).T @ x + 1e-3 * self.strength * np.eye(x.shape[1])
            self.slopes = np.linalg.solve(squares, (x * weights[:, None]).T @ target)

    def predict(self, features):
        x = self.matrix(features)
        if not self.task.kind.is_classification:
            return (np.column_stack([x, np.ones(len(x))]) * self.slopes).sum(axis=1, keepdims=True)
        gaps = ((x[:, None, :] - self.centres) ** 2 / self.spread).sum(axis=2)
        power = np.log(self.prior) - gaps / 2
        found = np.exp(power - power.max(axis=1, keepdims=True))
        return found / found.sum(axis=1, keepdims=True)

    def matrix(self, features):
        if hasattr(features, "tocsr"):
            return features.toarray().astype(float)
        columns = [self.numbers(features.iloc[:, position]) for position in range(features.shape[1])]
        return np.nan_to_num(np.column_stack(columns).astype(float))

    def numbers(self, column):
        if column.dtype == object:
            return np.array([cell_number(value) for value in column])
        values = column.to_numpy(dtype=float)
        return (values - 1.6e9) / 1e7 if np.nanmax(values, initial=0) > 1e6 else values


def toy_resources(size):
    return Resources(seconds=1e-3 + 1e-6 * size.n_rows, memory_mb=50.0)


def toy_limits(size):
    return "" if size.n_rows <= 100_000 else "too many rows"


def toy_spec(build=Toy, **changes):
    given = {
        "name": "toy",
        "build": build,
        "space": {"strength": Float(0.1, 10.0, log=True)},
        "defaults": ({"strength": 1.0}, {"strength": 5.0}),
        "accepts": frozenset({ColumnKind.NUMERIC, ColumnKind.CATEGORICAL}),
        "accepts_missing": True,
        "accepts_sparse": True,
        "resources": toy_resources,
        "limits": toy_limits,
    }
    return ModelSpec(**{**given, **changes})


class BreaksOnLargeStrength(Toy):
    def fit(self, train, valid, context):
        if self.strength > 2:
            raise RuntimeError("too strong")
        super().fit(train, valid, context)


class OneColumnForTwoClasses(Toy):
    def predict(self, features):
        found = super().predict(features)
        return found[:, 1:] if self.task.kind is TaskKind.BINARY else found


class NeedsValidationRows(Toy):
    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        self.checked = valid.n_rows


class DrawsWithoutTheSeed(Toy):
    def learn(self, x, target, weights, context):
        super().learn(x, target, weights * np.random.default_rng().uniform(0.5, 1.5, len(x)), context)


class ChangesItsInput(Toy):
    def fit(self, train, valid, context):
        train.target[0] = train.target[1]
        train.features.iloc[0, 0] = 99.0
        super().fit(train, valid, context)


class LooksAtNeighbours(Toy):
    def matrix(self, features):
        x = super().matrix(features)
        return x - x.mean(axis=0)


class HoldsALock(Toy):
    def fit(self, train, valid, context):
        self.lock = threading.Lock()
        super().fit(train, valid, context)


class HoldsAFunction(Toy):
    def fit(self, train, valid, context):
        self.square = np.square
        super().fit(train, valid, context)


class KeepsRowsAndDoesNotSay(Toy):
    def fit(self, train, valid, context):
        self.rows = train.features.to_numpy()
        super().fit(train, valid, context)


class KeepsItsStateInTheModule(Toy):
    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        FITTED["offset"] = 0.0

    def predict(self, features):
        return super().predict(features) + FITTED["offset"]


class KnowsNothing(Toy):
    def matrix(self, features):
        return np.zeros((features.shape[0], 1))


class SumsToTwo(Toy):
    def predict(self, features):
        return 2.0 * super().predict(features)


class DropsAbsentClasses(Toy):
    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        self.seen = np.unique(train.target)

    def predict(self, features):
        found = super().predict(features)
        return found[:, self.seen] if self.task.kind.is_classification else found


class RefusesMissing(Toy):
    def matrix(self, features):
        if features.isna().to_numpy().any():
            raise ValueError("found NaN")
        return super().matrix(features)


class RefusesEmptyText(Toy):
    def numbers(self, column):
        return super().numbers(column.map(lambda text: text.split()[-2]) if column.dtype == object else column)


class WantsIdentifiers(Toy):
    def matrix(self, features):
        if not all(name.isidentifier() for name in features.columns):
            raise ValueError("a name has special characters")
        return super().matrix(features)


class WantsFrames(Toy):
    def matrix(self, features):
        return super().matrix(features.fillna(0.0))


class IgnoresWeights(Toy):
    def learn(self, x, target, weights, context):
        super().learn(x, target, np.ones(len(x)), context)


class CachesAFoldForAll(Toy):
    def learn(self, x, target, weights, context):
        mean = context.cache.get_or_build("mean", lambda: weights @ x / weights.sum())
        super().learn(x - mean, target, weights, context)


class IgnoresTheClock(Toy):
    def fit(self, train, valid, context):
        time.sleep(2.7 if train.n_rows > 5000 else 0.0)
        super().fit(train, valid, context)


class TakesMoreThreads(Toy):
    def fit(self, train, valid, context):
        super().fit(train, valid, context)
        if train.n_rows > 1000:
            helpers = [threading.Thread(target=burn) for _ in range(3)]
            for helper in helpers:
                helper.start()
            burn()
            for helper in helpers:
                helper.join()


def burn():
    hashlib.sha256(bytes(60_000_000)).digest()  # hashlib lets go of the interpreter lock


def shrinking_resources(size):
    return Resources(seconds=1e6 / size.n_rows, memory_mb=50.0)


def locked_resources(lock, size):
    return toy_resources(size)


WRONG = {
    "check_spec_pickles": toy_spec(resources=partial(locked_resources, threading.Lock())),
    "check_defaults_lie_in_space": toy_spec(defaults=({"strength": 99.0},)),
    "check_every_configuration_fits": toy_spec(BreaksOnLargeStrength),
    "check_resource_estimate": toy_spec(resources=shrinking_resources),
    "check_prediction_shape": toy_spec(OneColumnForTwoClasses),
    "check_fit_without_validation_rows": toy_spec(NeedsValidationRows),
    "check_same_seed_same_predictions": toy_spec(DrawsWithoutTheSeed),
    "check_inputs_stay_unchanged": toy_spec(ChangesItsInput),
    "check_rows_are_independent": toy_spec(LooksAtNeighbours),
    "check_fitted_learner_pickles": toy_spec(HoldsALock),
    "check_saved_without_pickle": toy_spec(HoldsAFunction),
    "check_kept_rows_are_said": toy_spec(KeepsRowsAndDoesNotSay),
    "check_revived_in_fresh_process": toy_spec(KeepsItsStateInTheModule),
    "check_beats_a_constant": toy_spec(KnowsNothing),
    "check_probabilities_sum_to_one": toy_spec(SumsToTwo),
    "check_absent_class_keeps_its_column": toy_spec(DropsAbsentClasses),
    "check_unseen_categories": toy_spec(RefusesMissing),
    "check_missing_values": toy_spec(RefusesMissing),
    "check_missing_text_and_images": toy_spec(RefusesEmptyText, accepts=frozenset({ColumnKind.TEXT})),
    "check_odd_column_names": toy_spec(WantsIdentifiers),
    "check_sparse_input": toy_spec(WantsFrames),
    "check_weights_count": toy_spec(IgnoresWeights),
    "check_cache_keeps_folds_apart": toy_spec(CachesAFoldForAll),
    "check_seconds_left_is_honoured": toy_spec(IgnoresTheClock),
    "check_thread_count_is_honoured": toy_spec(TakesMoreThreads),
}
EVERYTHING = toy_spec(name="everything", accepts=frozenset(ColumnKind) - {ColumnKind.IGNORED})
