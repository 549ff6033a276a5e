"""Choose the preparation: which preprocessors turn this table's columns into what a model declares to accept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from automl.plugin_api.specs import PREPARE_PREFIX, ModelSpec, PreprocessorSpec
from automl.vocabulary.candidate import Preparation, PreparationStep
from automl.vocabulary.schema import Column, ColumnKind, Schema

ONE_HOT_LEVELS = 20
"""In "auto", columns with up to this many categories are one-hot encoded, others target encoded."""
NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN)


def choose_preparation(
    spec: ModelSpec,
    params: Mapping[str, Any],
    schema: Schema,
    preprocessors: Mapping[str, PreprocessorSpec],
    *,
    running: Collection[str] | None = None,
) -> Preparation:
    """Return the steps for one model; its "prepare." hyperparameters override what its spec asks for.

    `running` names the numeric columns that only grow with time, where later rows than those of the table will be
    predicted; it is None where rows have no order.

    Raises LookupError, naming what is missing, when no preprocessor does what is needed.
    """
    chosen = {name.removeprefix(PREPARE_PREFIX): value for name, value in params.items() if is_preparation(name)}
    unused = sorted(set(chosen) - {"numeric", "categorical", "datetime", "text", "image", "extra", "recency"})
    if unused:
        raise LookupError(
            f"{spec.name} asks for a preparation of {unused}; there are numeric, categorical, datetime, text, image, "
            f"extra, recency."
        )
    steps = _pass_numbers(schema.of_kind(*NUMBERS), running or ())
    steps += _encode_categories(spec, chosen.get("categorical"), schema.of_kind(ColumnKind.CATEGORICAL))
    steps += _encode_dates(spec, chosen.get("datetime"), schema.of_kind(ColumnKind.DATETIME), running is not None)
    steps += _encode_text(spec, chosen.get("text"), schema.of_kind(ColumnKind.TEXT))
    steps += _encode_images(spec, chosen.get("image"), schema.of_kind(ColumnKind.IMAGE))
    steps += _add_features(chosen.get("extra"), schema, preprocessors)
    places = {name: place for place, name in enumerate(schema.names)}
    encode = tuple(replace(step, places=tuple(places[name] for name in step.columns)) for step in steps if step.columns)
    scaling = chosen.get("numeric", spec.scaling)
    finish = [] if spec.accepts_missing and not scaling else [PreparationStep("impute")]
    finish += [PreparationStep(scaling)] if scaling else []
    for step in (*encode, *finish):
        if step.preprocessor not in preprocessors:
            raise LookupError(f"{spec.name} needs the preprocessor {step.preprocessor!r}, which no plugin offers.")
    if not encode:
        raise LookupError(f"{spec.name} can use none of the table's columns.")
    return Preparation(encode, tuple(finish), sparse=any(preprocessors[step.preprocessor].sparse for step in encode))


def is_preparation(name: str) -> bool:
    """Tell whether a hyperparameter chooses the preparation rather than the learner."""
    return name.startswith(PREPARE_PREFIX)


def learner_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that reach the learner."""
    return {name: value for name, value in params.items() if not is_preparation(name)}


def _encode_categories(spec: ModelSpec, wanted: Any, columns: tuple[Column, ...]) -> list[PreparationStep]:
    """Return steps for categories; ordered ones are numbers as well, or in place of codes that say nothing of order."""
    steps = _encode_levels(spec, wanted, columns)
    ordered = tuple(column for column in columns if column.ordered)
    if not ordered:
        return steps
    names = {column.name for column in ordered}
    for place, step in enumerate(steps):
        if step.preprocessor == "codes":
            steps[place] = replace(step, columns=tuple(name for name in step.columns if name not in names))
    return [*steps, _step("ordinal", ordered)]


def _encode_levels(spec: ModelSpec, wanted: Any, columns: tuple[Column, ...]) -> list[PreparationStep]:
    native = ColumnKind.CATEGORICAL in spec.accepts
    choice = wanted or ("codes" if native else spec.categorical)
    one_hot = "one_hot_sparse" if spec.accepts_sparse and _many_levels(columns) else "one_hot"
    if choice == "auto":
        few = tuple(column for column in columns if column.n_distinct <= ONE_HOT_LEVELS)
        many = tuple(column for column in columns if column.n_distinct > ONE_HOT_LEVELS)
        return [_step(one_hot, few), _step("target_encoding", many)]
    if choice == "target_encoding" and native:  # a model with native codes keeps them for the small ones
        few = tuple(column for column in columns if column.n_distinct <= ONE_HOT_LEVELS)
        many = tuple(column for column in columns if column.n_distinct > ONE_HOT_LEVELS)
        return [_step("codes", few), _step("target_encoding", many or ())]
    return [_step(one_hot if choice == "one_hot" else choice, columns)]


def _pass_numbers(columns: tuple[Column, ...], running: Collection[str]) -> list[PreparationStep]:
    """Return steps that hand numbers on, bounded where they only grow."""
    others = tuple(column for column in columns if column.name not in running)
    return [_step("passthrough", others), _step("bounded", tuple(each for each in columns if each.name in running))]


def _many_levels(columns: tuple[Column, ...]) -> bool:
    return sum(column.n_distinct for column in columns) > 200


def _encode_dates(spec: ModelSpec, wanted: Any, columns: tuple[Column, ...], ordered: bool) -> list[PreparationStep]:
    if ColumnKind.DATETIME in spec.accepts and not wanted:
        return [_step("keep", columns)]
    usual = "date_cyclic" if spec.scaling else "date_parts"
    return [_step(wanted or (f"{usual}_bounded" if ordered else usual), columns)]


def _encode_text(spec: ModelSpec, wanted: Any, columns: tuple[Column, ...]) -> list[PreparationStep]:
    if ColumnKind.TEXT in spec.accepts and not wanted:
        return [_step("keep", columns)]
    return [_step(wanted or ("tfidf" if spec.accepts_sparse else "tfidf_svd"), (column,)) for column in columns]


def _encode_images(spec: ModelSpec, wanted: Any, columns: tuple[Column, ...]) -> list[PreparationStep]:
    if ColumnKind.IMAGE in spec.accepts and not wanted:
        return [_step("keep", columns)]
    return [_step(wanted or "image_features", (column,)) for column in columns]


def _add_features(wanted: Any, schema: Schema, preprocessors: Mapping[str, PreprocessorSpec]) -> list[PreparationStep]:
    """Return steps that add features beside the usual ones, each over all columns of the kinds that it handles."""
    names = str(wanted).split("+") if wanted else []
    kinds = {name: preprocessors[name].handles if name in preprocessors else ColumnKind for name in names}
    return [_step(name, schema.of_kind(*kinds[name])) for name in names]


def _step(preprocessor: str, columns: tuple[Column, ...]) -> PreparationStep:
    return PreparationStep(preprocessor, tuple(column.name for column in columns))
