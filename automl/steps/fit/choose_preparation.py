"""Choose the preparation: which preprocessors turn this table's columns into what a model declares to accept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from automl.plugin_api.specs import PREPARE_PREFIX, ModelSpec, PreprocessorSpec
from automl.steps.fit.find_defaults import Defaults, Situation, default_filling, defaults_for
from automl.vocabulary.candidate import Preparation, PreparationStep
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.task import TaskKind

NUMERIC, EXTRA, RECENCY = "numeric", "extra", "recency"
NUMBERS = (ColumnKind.NUMERIC, ColumnKind.BOOLEAN)
BLOCKS = {
    NUMERIC: NUMBERS,
    **{kind.value: (kind,) for kind in ColumnKind if kind not in (*NUMBERS, ColumnKind.IGNORED)},
}
"""The kinds of columns that are prepared together, by the hyperparameter after "prepare."; truth values are numbers."""
ONE_BY_ONE = (ColumnKind.TEXT, ColumnKind.IMAGE, ColumnKind.SEQUENCE)
"""Kinds of which every column has a step of its own, unless a model takes them as they are."""
AUTO = "auto"
"""In place of a preprocessor's name: what is usual for a model that does not take the kind as it is."""
MANY_LEVELS = 200
"""Distinct values of all columns together above which the sparse form of their features is taken."""
Taken = tuple[str, tuple[Column, ...]]
"""A preprocessor and the columns that it is for."""


def choose_preparation(
    spec: ModelSpec,
    params: Mapping[str, Any],
    schema: Schema,
    preprocessors: Mapping[str, PreprocessorSpec],
    *,
    running: Collection[str] | None = None,
    kind: TaskKind | None = None,
) -> Preparation:
    """Return the steps for one model; its "prepare." hyperparameters override what its spec asks for.

    `kind` is that of the task, for what is usual in some alone. `running` names the numeric columns that only grow with
    time, where later rows than those of the table will be predicted; it is None where rows have no order.

    Raises LookupError, naming what is missing, when no preprocessor does what is needed.
    """
    chosen = {name.removeprefix(PREPARE_PREFIX): value for name, value in params.items() if is_preparation(name)}
    _refuse_unknown(spec, chosen, preprocessors)
    situation = Situation(spec, preprocessors, running, kind)
    steps: list[PreparationStep] = []
    for block, kinds in BLOCKS.items():
        if columns := schema.of_kind(*kinds):
            wanted = None if block == NUMERIC else chosen.get(block)  # of numbers it says how they are finished
            steps += _prepare_block(situation, kinds, columns, wanted)
    steps += _add_features(chosen.get(EXTRA), schema, preprocessors)
    places = {name: place for place, name in enumerate(schema.names)}
    encode = tuple(replace(step, places=tuple(places[name] for name in step.columns)) for step in steps if step.columns)
    finish = _finish(situation, chosen.get(NUMERIC, spec.scaling))
    for step in (*encode, *finish):
        if step.preprocessor not in preprocessors:
            raise LookupError(f"{spec.name} needs the preprocessor {step.preprocessor!r}, which no plugin offers here.")
    if not encode:
        raise LookupError(f"{spec.name} can use none of the table's columns.")
    return Preparation(encode, tuple(finish), sparse=any(preprocessors[step.preprocessor].sparse for step in encode))


def is_preparation(name: str) -> bool:
    """Tell whether a hyperparameter chooses the preparation rather than the learner."""
    return name.startswith(PREPARE_PREFIX)


def learner_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that reach the learner."""
    return {name: value for name, value in params.items() if not is_preparation(name)}


def _refuse_unknown(spec: ModelSpec, chosen: Mapping[str, Any], preprocessors: Mapping[str, PreprocessorSpec]) -> None:
    """Refuse "prepare." hyperparameters of columns that no preprocessor handles."""
    handled = {kind for each in preprocessors.values() for kind in each.handles}
    known = [block for block, kinds in BLOCKS.items() if handled.intersection(kinds)] + [EXTRA, RECENCY]
    unused = sorted(set(chosen) - set(known))
    if unused:
        raise LookupError(f"{spec.name} asks for a preparation of {unused}; there are {', '.join(known)}.")


def _prepare_block(
    situation: Situation, kinds: tuple[ColumnKind, ...], columns: tuple[Column, ...], wanted: Any
) -> list[PreparationStep]:
    """Return the steps for columns of one block; `wanted` is the preprocessor that the candidate names, if it does."""
    model, accepted = situation.model, kinds[0] in situation.model.accepts
    if ColumnKind.CATEGORICAL in kinds and not accepted:
        wanted = wanted or model.categorical
    if wanted == AUTO:
        wanted, accepted = None, False
    usual = defaults_for(kinds, situation, accepted=accepted)
    steps = _stand_beside(usual, columns, _share_out(situation, usual, columns, wanted, accepted=accepted))
    if kinds[0] not in ONE_BY_ONE or not (wanted or not accepted):
        return [_step(name, its) for name, its in steps]
    together = {name for name, each in situation.preprocessors.items() if each.together}
    shared = [(name, (its,) if name in together else tuple((column,) for column in its)) for name, its in steps]
    return [_step(name, part) for name, parts in shared for part in parts]


def _share_out(
    situation: Situation, usual: Defaults, columns: tuple[Column, ...], wanted: Any, *, accepted: bool
) -> list[Taken]:
    """Return the preprocessors that columns go to, in the order in which they are offered, each with its columns."""
    model, offered = situation.model, situation.preprocessors
    worth_from = offered[wanted].worth_from if accepted and wanted in offered else 0
    shares: dict[str, list[Column]] = {}
    for column in columns:
        name = wanted if wanted and column.n_distinct >= worth_from else usual.name_for(column)
        if name is None and column.part:  # what it is a part of is there
            continue
        if name is None:
            kind = column.kind.value
            raise LookupError(f"{model.name} needs a preprocessor for {kind} columns, and no plugin offers one.")
        shares.setdefault(name, []).append(column)
    is_sparse = model.accepts_sparse and sum(column.n_distinct for column in columns) > MANY_LEVELS
    forms: dict[str, str] = {}
    for name, each in offered.items() if is_sparse else ():
        forms.setdefault(each.sparse_form_of, name)
    in_order = [name for name in offered if name in shares] or list(shares)  # the one that is named may be unknown
    return [(forms.get(name, name), tuple(shares[name])) for name in in_order]


def _stand_beside(usual: Defaults, columns: tuple[Column, ...], shares: list[Taken]) -> list[Taken]:
    """Add what stands beside the others for some columns, or in place of them."""
    for name, default, suited in usual.beside(columns):
        names = {column.name for column in suited}
        shares = [
            (other, tuple(each for each in its if each.name not in names) if other in default.in_place_of else its)
            for other, its in shares
        ]
        shares.append((name, suited))
    return shares


def _add_features(wanted: Any, schema: Schema, preprocessors: Mapping[str, PreprocessorSpec]) -> list[PreparationStep]:
    """Return steps that add features beside the usual ones, each over all columns of the kinds that it handles."""
    names = str(wanted).split("+") if wanted else []
    kinds = {name: preprocessors[name].handles if name in preprocessors else ColumnKind for name in names}
    return [_step(name, schema.of_kind(*kinds[name])) for name in names]


def _finish(situation: Situation, scaling: Any) -> list[PreparationStep]:
    """Return the steps over the numeric features: missing numbers are filled in before they are scaled."""
    names = []
    if scaling or not situation.model.accepts_missing:
        filling = default_filling(situation)
        if filling is None:
            raise LookupError(f"{situation.model.name} takes no missing numbers, and no plugin offers to fill them in.")
        names.append(filling)
    return [PreparationStep(name) for name in (*names, *([scaling] if scaling else []))]


def _step(preprocessor: str, columns: tuple[Column, ...]) -> PreparationStep:
    return PreparationStep(preprocessor, tuple(column.name for column in columns))
