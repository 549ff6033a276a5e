"""Encode what was given: from the table as it was understood to stored columns, and what follows from those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from automl.plugin_api.specs import ModelSpec, PreprocessorSpec
from automl.steps.plan.choose_models import suit_columns
from automl.steps.plan.find_described_text import find_described_text
from automl.steps.plan.given import Search
from automl.steps.plan.understand import Understood, dataset_of
from automl.steps.score.decide_first import by_own_decision
from automl.steps.score.judge import Judge, judge_of
from automl.table.columns.count_words import count_words
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.table.files.read_images import image_findings, image_reader
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import ColumnKind

FEATURES_OF_IMAGE = 150
"""Numbers that models which take no images get for each, for estimating what they cost."""


@dataclass(frozen=True, slots=True)
class EncodedTable:
    """The table in stored columns, and what follows from them."""

    dataset: Dataset
    """All rows that have a target, with their schema."""
    judge: Judge
    """Scores predictions of these rows."""
    models: Mapping[str, ModelSpec]
    """The models that the table has columns for."""
    preprocessors: Mapping[str, PreprocessorSpec]
    """What can prepare the columns for a model."""
    left_out: tuple[Failure, ...]
    """Why other models that were wanted are not among those."""
    words: float
    """Mean number of words in the texts of a row."""
    image_files: Mapping[str, Path]
    """By column, where the pixels of its images lie."""
    image_findings: tuple[Finding, ...]
    """What was noticed when images were read."""

    @property
    def n_features(self) -> int:
        """Numbers that a model gets for a row, about, for estimating what it costs."""
        n_images = len(self.dataset.schema.of_kind(ColumnKind.IMAGE))
        return max(1, self.dataset.n_features + FEATURES_OF_IMAGE * n_images)


def encode_given(asked: Understood, search: Search, folder: Path) -> EncodedTable:
    """Type and encode the columns, images into files in the folder, and choose the models that can read them."""
    settings, registry = search.settings, search.registry
    told = {**_types(asked, search), **dict(settings.columns)}
    if settings.label_texts:
        told |= find_described_text(asked.table.features, asked.readings, told)
    schema = type_columns(asked.table.features, registry, asked.readings, told)
    images = image_reader(settings, search.stopwatch, folder)
    features = encode_table(asked.table.features, schema, images)
    words = count_words(features, schema)
    models, left_out = suit_columns(asked.models, schema, settings, registry.pretrained.values(), words)
    dataset = dataset_of(asked.table, features, schema, asked.task, asked.target)
    metric = by_own_decision(asked.metric, asked.task, asked.asks.decide, asked.asks.decides_by_group)
    return EncodedTable(
        dataset=dataset,
        judge=judge_of(dataset, metric, asked.plan),
        models=models,
        preprocessors=asked.preprocessors,
        left_out=tuple(left_out),
        words=words,
        image_files=images.files,
        image_findings=image_findings(images, schema),
    )


def _types(asked: Understood, search: Search) -> dict[str, ColumnKind]:
    """Return the kinds of columns that the task knows better; none where it breaks."""
    types, features = asked.asks.types, asked.table.features
    if types is None:
        return {}
    nothing: dict[str, ColumnKind] = {}
    found = search.registry.ask_task(asked.asks, lambda: dict(types(features)), otherwise=nothing)
    return {name: kind for name, kind in found.items() if name in features.columns}
