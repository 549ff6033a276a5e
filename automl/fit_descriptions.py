"""Fit descriptions: a model that tells classes apart by texts about them, from no other row."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from automl.errors import InputError, OptionError
from automl.fitted.member import FittedMember, Member
from automl.fitted.one_member import OneMember
from automl.fitted_model import Fitted
from automl.machine.keep_process import kept_process
from automl.machine.quiet_warnings import quiet_warnings
from automl.plugin_api.protocols import FitContext
from automl.plugin_api.specs import BuildRequest, FitSize, ModelSpec
from automl.predictor import Predictor
from automl.registry import Registry, discover_quietly
from automl.report import LEADERBOARD_COLUMNS, failures_frame, findings_frame
from automl.steps.fit.choose_preparation import choose_preparation, learner_params
from automl.steps.fit.fit_fold import checked_predictions
from automl.steps.fit.prepare_fold import prepare_fold
from automl.steps.plan.choose_metric import choose_metric
from automl.steps.plan.choose_models import check_model_names
from automl.steps.plan.find_missing import at_hand, what_is_missing
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.offer_weights import offer_weights
from automl.steps.plan.parse_settings import parse_settings
from automl.table.columns.encode_table import encode_table
from automl.vocabulary.arrays import usual_errors
from automl.vocabulary.candidate import Candidate
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import Fold
from automl.vocabulary.profile import ColumnProfile, TableProfile
from automl.vocabulary.results import Failure
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Stage, Status

ORIGIN = "descriptions"
NOTE = (
    "no row was learned from: classes are told apart by the texts that describe them, and how well is not known. "
    "evaluate() tells on rows with their target; fit() learns from such."
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the column of text that will be predicted from, and of the target."""

    text: str
    target: str


def fit_descriptions(columns: Columns, options: Mapping[str, Any], kind: str) -> Fitted:
    """Return a fit on the class descriptions among an estimator's options; `kind` is the name of its class.

    Raises OptionError where there are fewer than two classes, or no model that can be fitted so.
    """
    started = time.monotonic()
    settings = parse_settings(options)
    _check(columns, settings)
    registry = discover_quietly(options["plugins"])
    with usual_errors(), closing(registry.aside):
        data = _as_rows(columns, settings, registry)
        spec = _model_for(data, settings, registry)
        with quiet_warnings(), kept_process(settings.random_state):
            member = _member(spec, data, settings, registry)
    asks = registry.task_spec(data.task.kind)
    metric = choose_metric(asks.metric if settings.metric is None else settings.metric, data.task, registry.metrics)
    return Fitted(
        predictor=Predictor(data.schema, data.task, (member,), OneMember(0, 1), n_positions=1, decide=asks.decide),
        metric=metric,
        score=math.nan,
        interval=(math.nan, math.nan),
        ensemble=spec.name,
        notes=(NOTE,),
        leaderboard=_leaderboard(member, time.monotonic() - started),
        failures=failures_frame(registry.failures),
        audit=findings_frame(()),
        profile=TableProfile((ColumnProfile(columns.text, ColumnKind.TEXT, "object", 0.0, data.n_rows),)),
        kind=kind,
    )


def _check(columns: Columns, settings: SearchSettings) -> None:
    for what, name in (("text", columns.text), ("target", columns.target)):
        if not isinstance(name, str) or not name:
            raise InputError(f"Found {what}={name!r}; expected the name of a column, such as 'message'.")
    if columns.text == columns.target:
        raise InputError(f"Found {columns.text!r} as text and as target; expected two names.")
    if len(settings.label_texts) < 2:
        raise OptionError(
            f"Found descriptions of {len(settings.label_texts)} classes; expected two at least, each with a text, such "
            f"as {{'refund': 'I want my money back', 'card_arrival': 'when will my card arrive'}}."
        )


def _as_rows(columns: Columns, settings: SearchSettings, registry: Registry) -> Dataset:
    """Return the descriptions as rows of one column of text, those of each class weighing as much together."""
    pairs = [(label, text) for label, texts in settings.label_texts for text in texts]
    labels = pd.Series([label for label, _ in pairs], name=columns.target)
    twice = pd.concat([labels, labels], ignore_index=True)  # a class of a single row is refused
    task, target = infer_task(twice, columns.target, settings.task, registry)
    if not task.classes:
        raise OptionError(
            f"Descriptions are of classes, and a {task.kind.value} task has none; leave the option task out."
        )
    frame = pd.DataFrame({columns.text: pd.Series([text for _, text in pairs], dtype=object)})
    schema = Schema((Column(columns.text, ColumnKind.TEXT, n_distinct=len(frame)),))
    target = np.asarray(target[: len(frame)])
    return Dataset(
        features=encode_table(frame, schema),
        target=target,
        schema=schema,
        task=task,
        rows=np.arange(len(frame)),
        weights=1.0 / np.bincount(target)[target],
        fingerprint=ORIGIN,
    )


def _model_for(data: Dataset, settings: SearchSettings, registry: Registry) -> ModelSpec:
    """Return the first model that can be fitted so, the hyperparameters for it as its only default ones."""
    check_model_names(settings, registry.models)
    left_out: list[Failure] = []
    able: dict[str, ModelSpec] = {}
    for name, spec in registry.models.items():
        if spec.zero_shot is None:
            continue
        is_wanted = name not in settings.exclude and name in (settings.models or registry.models)
        reason = "" if is_wanted else "the options models and exclude leave it out"
        reason = reason or ("" if data.task.is_one_of(spec.tasks) else f"it does no {data.task.kind.value}")
        reason = reason or what_is_missing(spec)
        if reason:
            left_out.append(Failure(name, Stage.CHOOSE, reason))
        else:
            able[name] = replace(spec, defaults=(spec.zero_shot,))
    # a network that the user names goes before one that a package brings
    networks = sorted(registry.pretrained.values(), key=lambda each: bool(each.requires))
    offered, without = offer_weights(able, networks)
    for spec in offered.values():
        reason = spec.limits(_size(spec, data, settings)) if spec.limits is not None else ""
        if not reason:
            return spec
        left_out.append(Failure(spec.name, Stage.CHOOSE, reason))
    causes = "; ".join(f"{each.model}: {each.cause}" for each in (*left_out, *without)) or "no plugin offers one"
    raise OptionError(f"Descriptions of classes need a model that reads text as it is, and none can run: {causes}.")


def _size(spec: ModelSpec, data: Dataset, settings: SearchSettings) -> FitSize:
    return FitSize(data.n_rows, data.n_features, data.task, spec.defaults[0], settings.n_jobs)


def _member(spec: ModelSpec, data: Dataset, settings: SearchSettings, registry: Registry) -> Member:
    """Return the model fitted on the descriptions, as the one member of an ensemble."""
    params, seed = dict(spec.defaults[0]), settings.random_state
    preprocessors, _ = at_hand(registry.preprocessors.values())
    candidate = Candidate(spec.name, params, choose_preparation(spec, params, data.schema, preprocessors), 0, ORIGIN)
    context = FitContext(seed=seed, threads=settings.n_jobs, metric="")
    rows = np.arange(data.n_rows)
    prepared = prepare_fold(data, Fold(rows, rows), candidate.preparation, preprocessors, context)
    learner = spec.build(BuildRequest(data.task, learner_params(params)))
    learner.fit(prepared.train, None, context)
    checked_predictions(learner.predict(prepared.valid.features), data.n_rows, data.task)
    fitted = FittedMember(prepared.preparation, learner)
    return Member(candidate.id, spec.name, params, weight=1.0, position=0, folds=(fitted,), refitted=True)


def _leaderboard(member: Member, seconds: float) -> pd.DataFrame:
    """Return the leaderboard of the one model, whose score nobody knows."""
    known = {
        "rank": 1, "model": member.model, "weight": 1.0, "status": str(Status.COMPLETE), "folds": 0, "refitted": True,
        "fit_seconds": seconds, "finished": seconds, "device": "cpu", "origin": ORIGIN, "params": dict(member.params),
        "candidate": member.candidate_id,
    }  # fmt: skip
    return pd.DataFrame([{name: known.get(name, math.nan) for name in LEADERBOARD_COLUMNS}])
