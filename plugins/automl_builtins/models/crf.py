"""Linear-chain conditional random field: labels of the rows of a sentence together, by CRFsuite."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
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
from automl_builtins.tagging.sentences import Run, Sentences, cells_in, runs_of, sentence_column
from automl_builtins.tagging.words import WordTexts

INSTALL = "pip install 'ensemble-automl[tokens]'"
MOST_ITERATIONS = 100
FEWEST_ITERATIONS = 3
"""With fewer a CRF knows little more than how frequent each label is."""
SECONDS_A_WORD = 1e-6
"""Of one iteration of L-BFGS, for two labels or three; with more it grows with their number."""
SECONDS_TO_READ = 2.5e-5
READING_SHARE = 0.4
"""Of a fit's time that making the features of words may take; sentences that are not read by then are left out."""
FITTING_SHARE, MOST_SHARE = 0.6, 0.75
"""Of the time left once the words are read, which iterations are planned to take, and past which training is broken
off: validation rows are predicted after it."""
PACED = 3
"""The last iterations, whose mean tells how long the next ones will take."""
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
        begun, texts, n_words = time.monotonic(), WordTexts(), 0
        room = READING_SHARE * context.seconds_left()
        sentences = Sentences.of(cells_in(train.features, self._column))
        words = sentences.words()
        learnt: set[int] = set()
        trainer, rng = _timed_trainer(), np.random.default_rng(context.seed)
        last, features = -1, []
        for run in _shuffled(sentences, train.groups, rng):
            if time.monotonic() - begun > room:
                break
            if run.sentence != last:
                last, features = run.sentence, texts.of(words[run.sentence])
            labels = [str(number) for number in train.target[run.rows].tolist()]
            for _ in range(_copies(train.weights, run.rows, rng)):
                learnt.update(train.target[run.rows].tolist())
                trainer.append(features[run.first : run.first + len(labels)], labels)
                n_words += len(labels)
        self._labels = np.array(sorted(learnt), dtype=np.int64)
        if len(learnt) > 1:
            self._model = self._trained(trainer, _Clock(context, time.monotonic() - begun, n_words, len(learnt)))

    def _trained(self, trainer: Any, clock: _Clock) -> Array:
        """Return a model as CRFsuite writes it; an empty one where there was no time for any.

        What is learned until a training is broken off is lost, so one that will not end in time gives way to another of
        as few iterations as there is time for.
        """
        trainer.set_params(
            {
                "c1": float(self._params.get("c1", 0.1)),
                "c2": float(self._params.get("c2", 0.05)),
                "feature.possible_transitions": True,
            }
        )
        iterations = clock.planned()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.crfsuite"
            while iterations >= FEWEST_ITERATIONS:
                trainer.set("max_iterations", iterations)
                trainer.watch = clock.begin(iterations)
                try:
                    trainer.train(str(path))
                except _WillNotEndError as stopped:
                    iterations = stopped.iterations
                    continue
                return np.frombuffer(path.read_bytes(), dtype=np.uint8).copy()
        return np.empty(0, dtype=np.uint8)

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


def _shuffled(sentences: Sentences, groups: Array | None, rng: np.random.Generator) -> list[Run]:
    """Return runs of rows, those of a sentence together: where time ends too soon, those read are of all kinds."""
    order = rng.permutation(len(sentences.texts))
    return sorted(runs_of(sentences, groups), key=lambda run: (order[run.sentence], run.rows[0]))


def _copies(weights: Array | None, rows: Array, rng: np.random.Generator) -> int:
    """Return how often rows are learnt from: by their mean weight, as CRFsuite has none for single rows; what is left
    over is left to chance."""
    if weights is None:
        return 1
    wanted = float(weights[rows].mean() / weights.mean())
    return int(wanted) + bool(rng.random() < wanted - int(wanted))


class _WillNotEndError(TimeoutError):
    """A training will not end in time; one of so many iterations would."""

    def __init__(self, iterations: int) -> None:
        super().__init__(f"time is left for {iterations} iterations")
        self.iterations = iterations


def _timed_trainer() -> Any:
    """Return a trainer that calls its `watch` whenever CRFsuite tells something, and says whether an iteration ended.

    What `watch` raises ends the training; CRFsuite has no other way to be stopped.
    """
    import pycrfsuite

    class TimedTrainer(pycrfsuite.Trainer):  # type: ignore[misc]  # pycrfsuite has no types
        watch: Callable[[bool], None] | None = None

        def message(self, message: str) -> None:
            has_ended = self.logparser.feed(message) == "iteration"
            if self.watch is not None:
                self.watch(has_ended)

    return TimedTrainer(algorithm="lbfgs", verbose=False)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Says how many iterations there is time for; `taken` are the seconds that reading `n_words` words took."""

    context: FitContext
    taken: float
    n_words: int
    n_labels: int

    def planned(self) -> int:
        """Return how many iterations there is time for, on a machine as fast as this one was at reading."""
        left = self.context.seconds_left()
        if math.isinf(left):
            return MOST_ITERATIONS
        slower = max(1.0, self.taken / (SECONDS_TO_READ * max(1, self.n_words)))
        each = slower * SECONDS_A_WORD * self.n_words * max(1.0, self.n_labels / 3.0)
        return int(np.clip(FITTING_SHARE * left / max(each, 1e-9), FEWEST_ITERATIONS, MOST_ITERATIONS))

    def begin(self, iterations: int) -> Callable[[bool], None] | None:
        """Return what watches a training of so many iterations; None where there is no limit."""
        left = self.context.seconds_left()
        if math.isinf(left):
            return None
        begun = time.monotonic()
        ended: list[float] = []

        def watch(has_ended: bool) -> None:
            now = time.monotonic()
            if has_ended:
                ended.append(now)
            if now - begun > MOST_SHARE * left:
                raise _WillNotEndError(0 if len(ended) < 2 else self._affordable(begun, ended))
            if has_ended and len(ended) >= PACED:
                expected = now - begun + (iterations - len(ended)) * _pace(ended)
                if expected > MOST_SHARE * left:
                    raise _WillNotEndError(min(iterations - 1, self._affordable(begun, ended)))

        return watch

    def _affordable(self, begun: float, ended: list[float]) -> int:
        """Return how many iterations of a new training there is time for."""
        pace = _pace(ended)
        until_first = max(0.0, ended[0] - begun - pace)
        return int((FITTING_SHARE * self.context.seconds_left() - until_first) / max(pace, 1e-9))


def _pace(ended: list[float]) -> float:
    """Return the seconds of an iteration, of those that came last."""
    last = ended[-PACED:]
    return (last[-1] - last[0]) / max(1, len(last) - 1)


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
    preload=("pycrfsuite",),
    install=INSTALL,
    resources=crf_resources,
    needs=frozenset({ColumnKind.SEQUENCE}),
)


@hookimpl
def automl_models() -> tuple[ModelSpec, ...]:
    """Offer the model."""
    return (CRF,)
