"""Small plugins that keep the contract; wrong ones derive from them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.plugin_api import (
    CLASSIFICATION,
    Column,
    ColumnKind,
    EnsemblerSpec,
    MetricSpec,
    PreprocessorSpec,
    Proposal,
    SearchStrategySpec,
    TaskKind,
    TrackerSpec,
    loss_of,
    sample_space,
    score_predictions,
)


class Codes:
    """Hands codes on as float32, NaN for -1."""

    def __init__(self, request):
        self.columns = request.columns

    def fit_transform(self, data, context):
        return self.transform(data.features)

    def transform(self, features):
        return features.astype(np.float32).replace(-1.0, np.nan)

    def output_columns(self):
        return self.columns


class Centre:
    """Subtracts each number's mean; a finishing step."""

    def __init__(self, request):
        self.columns = request.columns

    def fit_transform(self, data, context):
        self.means = np.nanmean(data.features.to_numpy(), axis=0)
        return self.transform(data.features)

    def transform(self, features):
        values = features.to_numpy() - self.means
        return pd.DataFrame(values.astype(np.float32), columns=[column.name for column in self.columns])

    def output_columns(self):
        return tuple(Column(column.name, ColumnKind.NUMERIC) for column in self.columns)


class WordMatrix(Codes):
    """Counts three words of one text, as a CSR matrix."""

    def transform(self, features):
        from scipy.sparse import csr_matrix

        words = ("bad", "fair", "good")
        counts = [[text.count(word) for word in words] for text in features.iloc[:, 0]]
        return csr_matrix(np.array(counts, dtype=np.float32).reshape(-1, 3))

    def output_columns(self):
        return tuple(Column(word, ColumnKind.NUMERIC) for word in ("bad", "fair", "good"))


def codes_spec(build=Codes, **changes):
    given = {"name": "codes", "build": build, "handles": frozenset({ColumnKind.CATEGORICAL}), "row_wise": True}
    return PreprocessorSpec(**{**given, **changes})


def centre_spec(build=Centre):
    return PreprocessorSpec(name="centre", build=build)


WORDS = PreprocessorSpec("words", WordMatrix, frozenset({ColumnKind.TEXT}), sparse=True, row_wise=True)


def accuracy(target, labels, weights):
    return float(np.average(target == labels, weights=weights))


def rmse(target, values, weights):
    return float(np.sqrt(np.average((target - values) ** 2, weights=weights)))


def log_loss(target, probabilities, weights):
    hit = np.clip(probabilities[np.arange(len(target)), target], 1e-15, 1.0)
    return -float(np.average(np.log(hit), weights=weights))


ACCURACY = MetricSpec("accuracy", accuracy, True, 1.0, "labels", CLASSIFICATION)
DECODED = MetricSpec("decoded", accuracy, True, 1.0, "labels", CLASSIFICATION, decodes=True)
LOG_LOSS = MetricSpec("log_loss", log_loss, False, 0.0, "probabilities", CLASSIFICATION)
RMSE = MetricSpec("rmse", rmse, False, 0.0, "values", frozenset({TaskKind.REGRESSION}))


@dataclass(frozen=True)
class Shares:
    """Averages by shares."""

    shares: np.ndarray

    def combine(self, predictions, features=None):
        total = np.zeros(predictions.shape[1:])
        for share, each in zip(self.shares, predictions, strict=True):
            total += share * each
        return total

    def weights(self):
        return self.shares


class Best:
    """Takes the best candidate."""

    combiner = Shares

    def __init__(self, request):
        self.request = request

    def fit(self, out_of_fold, context):
        metric, task = self.request.metric, self.request.task
        losses = [
            loss_of(metric, score_predictions(metric, task, out_of_fold.target, each, out_of_fold.weights))
            for each in out_of_fold.predictions
        ]
        return self.combiner(np.eye(len(losses))[int(np.argmin(losses))])


def best_spec(build=Best, **changes):
    return EnsemblerSpec(**{"name": "best", "build": build, "family": "voting", "uses_features": True, **changes})


class Draw:
    """Draws models in turn and configurations at random."""

    def __init__(self, request):
        self.request = request
        self.rng = np.random.default_rng(request.seed)
        self.count = 0

    def ask(self, seconds_left):
        spec = self.request.models[self.count % len(self.request.models)]
        self.count += 1
        return Proposal(spec.name, sample_space(spec.space, self.rng), 0, "random")

    def tell(self, outcome):
        pass


def draw_spec(build=Draw):
    return SearchStrategySpec("draw", build)


TRACKER = TrackerSpec("own", lambda request: None, requires=("no_such_library",), install="pip install it")
