"""Surroundings: what a search has fixed before the first trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from automl.aside import Aside
from automl.plugin_api.specs import ModelSpec, PreprocessorSpec
from automl.steps.fit.store_dataset import StoredDataset
from automl.steps.resume.log_folds import FoldLog
from automl.steps.score.judge import Judge
from automl.vocabulary.events import Event
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a search has fixed before the first trial."""

    settings: SearchSettings
    models: Mapping[str, ModelSpec]
    preprocessors: Mapping[str, PreprocessorSpec]
    schema: Schema
    stored: StoredDataset
    judge: Judge
    n_features: int
    folder: str
    threads: int
    n_slots: int
    cache_mb: float
    memory_mb: float
    """Memory that one slot's fit may need."""
    emit: Callable[[Event], None]
    elapsed: Callable[[], float]
    aside: Aside
    """Where what plugins say of their models is asked."""
    n_gpus: int = 0
    words: float = 0.0
    """Mean number of words in the texts of a row."""
    running: tuple[str, ...] | None = None
    """Numeric columns that only grow with time; None where folds are not in order of time."""
    log: FoldLog | None = None
    """Where finished fits are written down, for a search that can go on later."""
    notes: tuple[str, ...] = ()
    """What a user should know of how the fits run, as sentences."""
