"""TabICL for automl: a pretrained network that reads the training rows as context, from weights on this machine.

Qu, Holzmüller, Varoquaux, Le Morvan: TabICL, a tabular foundation model for in-context learning on large data (ICML
2025), and TabICLv2 by the same authors.
"""

import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from automl.plugin_api import (
    PRETRAINED,
    Array,
    BuildRequest,
    Choice,
    ColumnKind,
    Dataset,
    Features,
    FitContext,
    FitSize,
    ModelSpec,
    PretrainedSpec,
    Resources,
    as_matrix,
    hookimpl,
    quantile_of,
    spread_classes,
)

VARIABLE = "AUTOML_TABICL_WEIGHTS"
"""Names folders with checkpoints, with commas between."""
HUB = "hub:jingang/TabICL"
"""Stands for what the user has fetched from the hub of Hugging Face, wherever that lies on a machine."""
KIND, LICENCE, MEGABYTES = "tabicl", "BSD-3-Clause", 110.0
"""The licence is that of the published checkpoints, the size that of one of them."""
WAY = (
    f"set {VARIABLE} to a folder with tabicl-classifier-*.ckpt and tabicl-regressor-*.ckpt, or fetch them into the "
    f"hub's cache with `hf download {HUB.removeprefix('hub:')}` ({LICENCE}, {MEGABYTES:.0f} MB each)"
)
MOST_ROWS, MOST_FEATURES, MOST_CLASSES = 10_000, 500, 100
NATIVE_CLASSES = 10
"""Classes that a checkpoint tells apart at once; more go through it several times, and nothing can be kept between."""
LEAST_ROWS = 100
"""Where time is short training rows are left out of the context, but not below this many."""
MOST_KEPT = 3_000
"""Rows times estimators up to which all layers of the context are kept in memory, some 150 MB; beyond, the first."""
BLOCK_ROWS = 2_000
"""Rows that are predicted at once."""
NETWORKS: dict[tuple[str, str], Any] = {}
"""Networks of this process by checkpoint and device: all learners share their numbers, which never change."""
LOCK = threading.RLock()


# --- where weights are


def snapshots() -> Path:
    """Return the folder in which the hub's client keeps what it has fetched of the repository."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or Path(home, "hub"))
    return cache.expanduser() / f"models--{HUB.removeprefix('hub:').replace('/', '--')}" / "snapshots"


def named_folders() -> list[str]:
    """Return the folders that the environment names."""
    return [each.strip() for each in os.environ.get(VARIABLE, "").split(",") if each.strip()]


def checkpoints(weights: str, classify: bool) -> list[Path]:
    """Return the checkpoints for classes, or for values, that lie there, the newest version last."""
    folders = snapshots().glob("*") if weights == HUB else [Path(weights).expanduser()]
    pattern = f"tabicl-{'classifier' if classify else 'regressor'}-*.ckpt"
    return sorted((path for folder in folders for path in folder.glob(pattern)), key=lambda path: path.name)


def find_checkpoint(weights: str, classify: bool) -> Path:
    """Return the newest checkpoint; raise LookupError with what to do where there is none. Nothing is ever fetched."""
    found = checkpoints(weights, classify)
    if not found:
        what = "classes (tabicl-classifier-*.ckpt)" if classify else "values (tabicl-regressor-*.ckpt)"
        raise LookupError(f"no checkpoint of TabICL for {what} in {weights}; {WAY}")
    return found[-1]


def digest_of(path: Path) -> str:
    """Return the sha256 of a file, computed once for as long as it does not change."""
    state = path.stat()
    return _digest(str(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)
def _digest(path: str, size: int, changed: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- the model


class TabICLLearner:
    """Keeps the training rows, and hands them to the network with the rows that are to be predicted.

    What is saved are the rows, not the network: it is found again by the digest of its checkpoint.
    """

    def __init__(self, request: BuildRequest) -> None:
        self.task, self.weights = request.task, str(request.params.get("weights", HUB))
        self.estimators = int(request.params.get("estimators", 2))
        self.device, self.digest, self.seed = "cpu", "", 0
        self.quantile: float | None = None
        self.centre, self.spread = 0.0, 1.0  # of a regression target
        self._fitted: Any = None

    def fit(self, train: Dataset, valid: Dataset | None, context: FitContext) -> None:
        import torch

        torch.set_num_threads(max(1, context.threads))
        path = find_checkpoint(self.weights, self.task.has_classes)
        self.digest, self.seed, self.device = digest_of(path), context.seed, context.device
        self.quantile = 0.5 if context.objective == "absolute" else quantile_of(context.objective)
        kept, self.estimators = within(train, valid, self.estimators, context)
        rows = draw_rows(train.n_rows, kept, train.weights, np.random.default_rng(context.seed))
        matrix, self.target = as_matrix(train.features), train.target[rows]
        self.fills = fills_of(matrix, [column.kind for column in train.schema.columns])
        self.rows = self._filled(matrix[rows])
        if not self.task.has_classes:
            self.centre, self.spread = float(self.target.mean()), float(self.target.std()) or 1.0
            self.target = (self.target - self.centre) / self.spread
        with LOCK:
            self._fitted = self._estimator(path)

    def predict(self, features: Features) -> Array:
        """Return `(n_rows, n_outputs)`."""
        matrix = self._filled(as_matrix(features))
        starts = range(0, len(matrix), BLOCK_ROWS)
        with LOCK:  # the network holds what the rows of its last call looked at
            if self._fitted is None:
                self._fitted = self._estimator(self._checkpoint())
            parts = [self._outputs(matrix[start : start + BLOCK_ROWS]) for start in starts]
        return np.concatenate(parts) if parts else np.zeros((0, self.task.n_outputs))

    def _outputs(self, matrix: Array) -> Array:
        if self.task.has_classes:
            found = np.asarray(self._fitted.predict_proba(matrix), dtype=np.float64)
            return spread_classes(found / found.sum(axis=1, keepdims=True), self._fitted.classes_, self.task.n_outputs)
        if self.quantile is None:
            found = self._fitted.predict(matrix)
        else:
            found = self._fitted.predict(matrix, output_type="quantiles", alphas=[self.quantile])
        return np.asarray(found, dtype=np.float64).reshape(-1, 1) * self.spread + self.centre

    def _estimator(self, path: Path) -> Any:
        """Return the package's estimator, which has looked at the training rows."""
        from tabicl import TabICLClassifier, TabICLRegressor

        kept = "kv" if keeps_all(len(self.rows), self.estimators) else "repr"
        made = (TabICLClassifier if self.task.has_classes else TabICLRegressor)(
            n_estimators=self.estimators,
            batch_size=1 if self.device == "cpu" else 8,
            kv_cache=kept if self.task.n_outputs <= NATIVE_CLASSES else False,
            model_path=str(path),
            allow_auto_download=False,
            device=self.device,
            random_state=self.seed,
        )
        made.fit(self.rows, self.target)
        made.model_ = NETWORKS.setdefault((self.digest, self.device), made.model_)
        return made

    def _checkpoint(self) -> Path:
        """Return the checkpoint that the model was fitted with, wherever it lies on this machine."""
        for place in dict.fromkeys((self.weights, *named_folders(), HUB)):
            for path in checkpoints(place, self.task.has_classes):
                if digest_of(path) == self.digest:
                    return path
        raise LookupError(
            f"the checkpoint of TabICL that this model was fitted with (sha256 {self.digest[:16]}...) is not here, and "
            f"a saved model holds its rows alone; {WAY}"
        )

    def _filled(self, matrix: Array) -> Array:
        return np.where(np.isnan(matrix), self.fills, matrix).astype(np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_fitted": None, "device": "cpu"}


def fills_of(matrix: Array, kinds: list[ColumnKind]) -> Array:
    """Return what stands for missing values: the mean of a number, and -1 for a category, as codes begin at 0."""
    known = ~np.isnan(matrix)
    totals = np.where(known, matrix, 0.0).sum(axis=0, dtype=np.float64)
    means = totals / np.maximum(1, known.sum(axis=0))
    codes = np.array([kind is ColumnKind.CATEGORICAL for kind in kinds])
    return np.where(codes, -1.0, means).astype(np.float32)


def draw_rows(n_rows: int, kept: int, weights: Array | None, rng: np.random.Generator) -> Array:
    """Return the numbers of the rows in the context, in order; a row comes as often as its weight says."""
    if weights is None:
        return np.arange(n_rows) if kept >= n_rows else np.sort(rng.choice(n_rows, kept, replace=False))
    ends = np.cumsum(weights, dtype=np.float64)
    return np.minimum(np.searchsorted(ends / ends[-1], (np.arange(kept) + rng.random()) / kept), n_rows - 1)


# --- what it costs


def within(train: Dataset, valid: Dataset | None, estimators: int, context: FitContext) -> tuple[int, int]:
    """Return how many rows and estimators there is time for."""
    rows, beside = train.n_rows, 0 if valid is None else valid.n_rows

    def cost() -> float:
        return seconds_for(rows, beside, train.n_features, estimators, context.threads, context.device)

    while estimators > 1 and cost() > 0.8 * context.seconds_left():
        estimators //= 2
    while rows > LEAST_ROWS and cost() > 0.8 * context.seconds_left():
        rows = max(LEAST_ROWS, int(0.7 * rows))
    return rows, estimators


def keeps_all(rows: int, estimators: int) -> bool:
    """Tell whether all that the network has made of the context is kept, with which a row is predicted in no time."""
    return rows * estimators <= MOST_KEPT


def seconds_for(rows: int, beside: int, features: int, estimators: int, threads: int, device: str) -> float:
    """Return about how long the published network takes to read so many rows, and to predict those beside.

    A cell is looked at in three blocks over columns and three over rows of width 128, a row in twelve of width 512. The
    numbers for a CPU fit what was measured for 300 to 4,000 rows and 10 to 40 columns; that for a GPU is a guess.
    """
    flops = (rows + beside) * (features * (2.1e6 + 5e4 * features) + 12 * (4.2e6 + 2e3 * rows))
    pace = 2e13 if device != "cpu" else 7e10 * max(1, threads) ** 0.8
    return 0.6 + estimators * flops / pace


def resources(size: FitSize) -> Resources:
    """Estimate the cost of one fold."""
    estimators = int(size.params.get("estimators", 2))
    seconds = seconds_for(size.n_rows, size.n_rows // 7, size.n_features, estimators, size.threads, size.device)
    kept = estimators * (50_000 if keeps_all(size.n_rows, estimators) else 2_000)
    work = size.n_rows * (5_000 * size.n_features + 32 * size.n_rows + kept)
    return Resources(seconds, memory_mb=750 + work / 2**20)


def limits(size: FitSize) -> str:
    """Tell why a fit of this size makes no sense, or that there is no checkpoint for it."""
    if size.n_rows > MOST_ROWS:
        return f"{size.n_rows} rows; TabICL is offered for up to {MOST_ROWS}, where it is worth its time"
    if size.n_features > MOST_FEATURES:
        return f"{size.n_features} features; TabICL is offered for up to {MOST_FEATURES}"
    if size.task.n_outputs > MOST_CLASSES:
        return f"{size.task.n_outputs} classes; TabICL is offered for up to {MOST_CLASSES}"
    try:
        find_checkpoint(str(size.params.get("weights", HUB)), size.task.has_classes)
    except LookupError as error:
        return str(error)
    return ""


# --- what is offered


def configuration(estimators: int) -> dict[str, Any]:
    return {"weights": PRETRAINED, "estimators": estimators, "prepare.categorical": "codes"}


TABICL = ModelSpec(
    name="tabicl",
    build=TabICLLearner,
    space={
        "weights": Choice((PRETRAINED,)),
        "estimators": Choice((1, 2, 4, 8)),
        "prepare.categorical": Choice(("codes", "target_encoding")),
    },
    defaults=(configuration(2), configuration(1), configuration(8)),  # a bag of folds is several contexts already
    accepts=frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL}),
    accepts_missing=True,
    requires=("tabicl", "torch"),
    install="pip install tabicl",
    resources=resources,
    limits=limits,
    runtime="torch",
    keeps_rows=True,
    gpu=True,
    pretrained=KIND,
)


@hookimpl
def automl_models() -> list[ModelSpec]:
    return [TABICL]


@hookimpl
def automl_pretrained() -> list[PretrainedSpec]:
    """Offer the folders that the environment names, else what the hub's cache holds, else how to get some."""
    named = [PretrainedSpec(each, each, KIND, LICENCE) for each in named_folders()]
    if named:
        return named
    if checkpoints(HUB, classify=True) or checkpoints(HUB, classify=False):
        return [PretrainedSpec(HUB.removeprefix("hub:"), HUB, KIND, LICENCE, MEGABYTES)]
    return [PretrainedSpec(VARIABLE, "", KIND, LICENCE, MEGABYTES, install=WAY)]
