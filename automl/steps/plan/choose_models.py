"""Choose the models: those named, less those excluded, that fit the task; the others are listed with their reason."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from automl.errors import OptionError, unknown_name
from automl.plugin_api.specs import ALL_TASKS, CONSTANT, Loan, ModelSpec, PretrainedSpec
from automl.steps.plan.borrow_models import serving_specs
from automl.steps.plan.find_missing import what_is_missing
from automl.steps.plan.offer_weights import offer_weights
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Stage
from automl.vocabulary.task import Task


def check_model_names(settings: SearchSettings, models: Mapping[str, ModelSpec]) -> None:
    """Refuse a name in `models` or `exclude` that no plugin offers, and a choice that leaves nothing."""
    for name in (*(settings.models or ()), *settings.exclude):
        if _in_full(name, models) not in models:
            raise OptionError(unknown_name("model", name, models))
    if not _wanted(settings, models):
        raise OptionError("models and exclude together leave no model; expected at least one.")


def choose_models(
    settings: SearchSettings, task: Task, models: Mapping[str, ModelSpec], loans: Sequence[Loan] = ()
) -> tuple[dict[str, ModelSpec], list[Failure]]:
    """Return the models to search over, borrowed ones too, and why each other one that was wanted is not among them."""
    chosen: dict[str, ModelSpec] = {}
    left_out: list[Failure] = []
    for name in _wanted(settings, models):
        serving = serving_specs(models[name], task, loans)
        if not serving and settings.models is None and models[name].tasks.isdisjoint(ALL_TASKS):
            continue  # a model for tasks of another kind alone is nothing that this search lacks
        reason = what_is_missing(models[name]) if serving else f"it does no {task.kind.value}"
        if reason:
            left_out.append(Failure(name, Stage.CHOOSE, f"not run: {reason}"))
        else:
            chosen |= {spec.name: spec for spec in serving}
    if not chosen:
        reasons = "; ".join(f"{each.model}: {each.cause}" for each in left_out)
        raise OptionError(f"None of the chosen models can run on this {task.kind.value} task. {reasons}")
    return chosen, left_out


def suit_columns(
    models: Mapping[str, ModelSpec],
    schema: Schema,
    settings: SearchSettings,
    pretrained: Iterable[PretrainedSpec] = (),
    words: float = math.inf,
) -> tuple[dict[str, ModelSpec], list[Failure]]:
    """Return the models that the table has columns for, with the pretrained networks that they can begin from.

    `words` is the mean number of words in all texts of a row; where classes are described by texts, models that can
    use those are tried on few words, too. Of models asked for by name, it is said why each other
    one is left out; of pretrained networks, and where words are too few, always.
    """
    suited = {name: spec for name, spec in models.items() if not spec.needs or spec.needs & schema.kinds}
    left_out = []
    for name in models:
        if name not in suited:
            kinds = " or ".join(sorted(kind.value for kind in models[name].needs))
            left_out.append(Failure(name, Stage.CHOOSE, f"not run: it needs a column of the kind {kinds}"))
    left_out = left_out if settings.models is not None else []
    if settings.models is None:
        read = {name for name, spec in suited.items() if settings.label_texts and spec.zero_shot is not None}
        short = {name: spec for name, spec in suited.items() if words < spec.fewest_words and name not in read}
        left_out += [Failure(name, Stage.CHOOSE, f"not run: {_too_short(spec, words)}") for name, spec in short.items()]
        suited = {name: spec for name, spec in suited.items() if name not in short}
    suited, unavailable = offer_weights(suited, pretrained)
    left_out += unavailable
    if not suited:
        reasons = "; ".join(f"{each.model}: {each.cause}" for each in left_out)
        raise OptionError(f"None of the chosen models can run on this table. {reasons}")
    return suited, left_out


def constant_models(models: Mapping[str, ModelSpec]) -> tuple[str, ...]:
    """Return the names of the models that predict the same for every row."""
    return tuple(name for name, spec in models.items() if spec.role == CONSTANT)


def _wanted(settings: SearchSettings, models: Mapping[str, ModelSpec]) -> list[str]:
    excluded = {_in_full(name, models) for name in settings.exclude}
    if settings.models is None:
        named = [name for name, spec in models.items() if spec.in_auto]
    else:
        named = list(dict.fromkeys(_in_full(name, models) for name in settings.models))
    return [name for name in named if name not in excluded]


def _in_full(name: str, models: Mapping[str, ModelSpec]) -> str:
    """Return the name of the model that is meant: its own goes before an alias."""
    return name if name in models else next((spec.name for spec in models.values() if name in spec.aliases), name)


def _too_short(spec: ModelSpec, words: float) -> str:
    return (
        f"the texts of a row have {words:.1f} words on average; it is tried from {spec.fewest_words:g} on, or where it "
        f"is asked for by name"
    )
