"""Linear-chain conditional random field: labels of the rows of a sentence together, by CRFsuite."""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from automl.plugin_api import (
    CLASSIFICATION,
    Array,
    BuildRequest,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    FitSize,
    Float,
    ModelSpec,
    Resources,
    hookimpl,
)
from automl_builtins.kinds import TOKENS
from automl_builtins.models._shared.output_codec import Coded, OutputCodec
from automl_builtins.tagging.sentences import Sentences, cells_in, runs_of, sentence_column
from automl_builtins.tagging.words import WordTexts

INSTALL = "pip install 'ensemble-automl[tokens]'"
MOST_ITERATIONS = 100
FEWEST_ITERATIONS = 15
SECONDS_A_WORD = 1e-6
"""Of one iteration of L-BFGS, for two labels or three; with more it grows with their number."""
SECONDS_TO_READ = 2.5e-5
FITTING_SHARE = 0.45
"""Of the time left once the words are read: CRFsuite cannot be stopped, and validation rows are predicted after it."""
MOST_READY = 2
_READY: dict[int, tuple[Array, bytes, Any]] = {}
"""The last models that predicted, ready to do so again: opening one takes as long as many sentences."""


class CrfLearner(Coded):
    """A linear-chain CRF (Lafferty, McCallum and Pereira, ICML 2001) over features of words and their neighbours.

    Params: `c1` and `c2`, the strengths of the L1 and the L2 penalty, as CRFsuite has them.
    """

    def __init__(self, request: BuildRequest) -> None:
        """Keep the hyperparameters; nothing is fitted yet."""
        self._task = request.task
        self._params = dict(request.params)
        self._column = ""
        self._model: Array = np.empty(0, dtype=np.uint8)
        self._labels: Array = np.empty(0, dtype=np.int64)

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:  # noqa: ARG002  no early stop
        """Fit until converged, out of iterations, or out of time."""
        codec = self._codec = OutputCodec.of(train)
        self._column = sentence_column(train.schema.columns)
        if codec.one_class:
            return
        import pycrfsuite

        begun, texts, n_words = time.monotonic(), WordTexts(), 0
        sentences = Sentences.of(cells_in(train.features, self._column))
        words = sentences.words()
        trainer, rng = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False), np.random.default_rng(context.seed)
        last, features = -1, []
        for run in sorted(runs_of(sentences, train.groups), key=lambda run: (run.sentence, run.rows[0])):
            if run.sentence != last:
                last, features = run.sentence, texts.of(words[run.sentence])
            labels = [str(number) for number in train.target[run.rows].tolist()]
            for _ in range(_copies(train.weights, run.rows, rng)):
                trainer.append(features[run.first : run.first + len(labels)], labels)
                n_words += len(labels)
        self._labels = np.unique(train.target)
        trainer.set_params(
            {
                "c1": float(self._params.get("c1", 0.1)),
                "c2": float(self._params.get("c2", 0.05)),
                "max_iterations": _iterations(n_words, len(self._labels), context, time.monotonic() - begun),
                "feature.possible_transitions": True,
            }
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.crfsuite"
            trainer.train(str(path))
            self._model = np.frombuffer(path.read_bytes(), dtype=np.uint8).copy()

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`: how likely each label is given the whole sentence."""
        codec = self.codec
        if not len(self._model):
            return codec.constant(features.shape[0])
        sentences, texts = Sentences.of(cells_in(features, self._column)), WordTexts()
        tagger = self._tagger()
        labels = [str(number) for number in self._labels.tolist()]
        found = np.zeros((int(sentences.starts[-1]), self._task.n_outputs))
        for start, words in zip(sentences.starts.tolist(), sentences.words(), strict=False):
            tagger.set(texts.of(words))
            for place in range(len(words)):
                found[start + place, self._labels] = [tagger.marginal(label, place) for label in labels]
        return codec.back(found[sentences.rows_in_words()])

    def _tagger(self) -> Any:
        key = id(self._model)
        if key not in _READY or _READY[key][0] is not self._model:
            import pycrfsuite

            tagger, content = pycrfsuite.Tagger(), self._model.tobytes()
            tagger.open_inmemory(content)  # it reads them for as long as it lives, and does not keep them
            while len(_READY) >= MOST_READY:
                del _READY[next(iter(_READY))]
            _READY[key] = (self._model, content, tagger)
        return _READY[key][2]


def _copies(weights: Array | None, rows: Array, rng: np.random.Generator) -> int:
    """Return how often rows are learnt from: by their mean weight, as CRFsuite has none for single rows; what is left
    over is left to chance."""
    if weights is None:
        return 1
    wanted = float(weights[rows].mean() / weights.mean())
    return int(wanted) + bool(rng.random() < wanted - int(wanted))


def _iterations(n_words: int, n_labels: int, context: FitContext, taken: float) -> int:
    """Return how many iterations there is time for, on a machine as fast as this one was at reading."""
    left = context.seconds_left()
    if math.isinf(left):
        return MOST_ITERATIONS
    slower = max(1.0, taken / (SECONDS_TO_READ * max(1, n_words)))
    each = slower * SECONDS_A_WORD * n_words * max(1.0, n_labels / 3.0)
    return int(np.clip(FITTING_SHARE * left / max(each, 1e-9), FEWEST_ITERATIONS, MOST_ITERATIONS))


def crf_resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    labels = max(1.0, size.task.n_outputs / 3.0)
    seconds = size.n_rows * (SECONDS_TO_READ + MOST_ITERATIONS * SECONDS_A_WORD * labels)
    return Resources(seconds=0.05 + seconds, memory_mb=60 + 1.5e-3 * size.n_rows)


CRF = ModelSpec(
    name="crf",
    build=CrfLearner,
    space={"c1": Float(1e-3, 3.0, log=True), "c2": Float(1e-3, 3.0, log=True)},
    defaults=({"c1": 0.1, "c2": 0.05}, {"c1": 0.01, "c2": 0.5}),
    tasks=CLASSIFICATION | {TOKENS},
    accepts=frozenset({ColumnKind.SEQUENCE}),
    accepts_missing=True,
    requires=("pycrfsuite",),
    install=INSTALL,
    resources=crf_resources,
    needs=frozenset({ColumnKind.SEQUENCE}),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the model."""
    return (CRF,)
