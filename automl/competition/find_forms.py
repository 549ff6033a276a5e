"""Find the forms: of several targets the task, what is submitted of each, and the metric, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from automl.competition.find_form import (
    Evidence,
    evidence_of,
    form_by_sample,
    has_numbers_between,
    option_of,
    target_of,
)
from automl.competition.nouns import Columns, Form, Guess, Tables, TargetForm, Wanted, Wishes, listed
from automl.errors import InputError, OptionError
from automl.plugin_api.specs import MetricSpec, TaskSpec
from automl.registry import Registry
from automl.steps.plan.choose_metric import choose_metric, find_metric
from automl.steps.plan.infer_task import infer_task
from automl.vocabulary.task import Task

NUMBERS = "regression"
"""The family of tasks whose targets are all numbers."""
IN_WORDS = {Form.VALUES: "values", Form.LABELS: "labels", Form.PROBABILITY: "probabilities"}


@dataclass(frozen=True, slots=True)
class _Targets:
    """Several targets: the rows of the train table that have each, and what there is to go by for each alone."""

    table: pd.DataFrame
    each: tuple[Evidence, ...]
    wishes: Wishes
    registry: Registry

    def infer(self, wanted: str | None) -> Task:
        """Return the task that these targets are, or are wanted to be."""
        sign, options = self.wishes.decimal.get("", ""), self.wishes.options
        name = listed(list(self.table.columns))
        return infer_task(self.table, name, wanted, self.registry, sign, options)[0]


def find_forms(tables: Tables, columns: Columns, wishes: Wishes, registry: Registry) -> Wanted:
    """Return what the submission of several targets, a column each, is to hold and the metric to optimise."""
    if wishes.positive is not None:
        raise OptionError(
            f"Found --positive {wishes.positive!r} with several targets, {listed(columns.several)}; expected it with "
            f"one of two classes. Leave it out: of each target the probability of the second value is submitted."
        )
    table = target_of(tables, columns).dropna()
    if table.empty:
        raise InputError(
            f"No row of {tables.train.name} has a value of each of the targets {listed(columns.several)}; expected "
            f"some. Check the columns, or name fewer with --target."
        )
    alone = [
        replace(columns, target=name, given=(given,), several=())
        for name, given in zip(columns.several, columns.given, strict=True)
    ]
    each = tuple(evidence_of(tables, one, wishes, registry) for one in alone)
    targets = _Targets(table.reset_index(drop=True), each, wishes, registry)
    task, task_guess = _find_task(targets)
    asked = None if wishes.metric is None else choose_metric(wishes.metric, task, registry.metrics)
    forms, form_guesses = _find_each(targets, task, asked)
    metric, metric_guess = _find_metric(registry, task, asked, [each.form for each in forms])
    guesses = (task_guess, *form_guesses, metric_guess)
    decide = registry.task_spec(task.kind).decide
    return Wanted(forms[0].form, task, metric, columns.given, guesses=guesses, decide=decide, each=forms)


# --- the task


def _find_task(targets: _Targets) -> tuple[Task, Guess]:
    wanted, reason = targets.wishes.task, "as asked"
    if wanted is None:
        wanted, reason = _task_by_metric(targets)
    if wanted is None:
        between = [each.columns.target for each in targets.each if has_numbers_between(each)]
        are_numbers = all(pd.api.types.is_numeric_dtype(targets.table[name].dtype) for name in targets.table.columns)
        if between and are_numbers:
            wanted = NUMBERS
            reason = f"{targets.each[0].sample} has numbers between those of {listed(between, 4)}"
    task = targets.infer(wanted)
    reason = reason or f"from the values of the {len(task.targets)} columns"
    return task, Guess("task", f"{task.kind.value} of {task.target}", reason)


def _task_by_metric(targets: _Targets) -> tuple[str | None, str]:
    """Return the first task of several targets that takes these and that the metric is for, if it is another."""
    name = targets.wishes.metric
    if not isinstance(name, str) or _is_for(targets, None, name):
        return None, ""
    several = sorted((spec for spec in targets.registry.tasks.values() if spec.several), key=lambda spec: spec.rank)
    for spec in several:
        if _is_for(targets, spec, name):
            return spec.name, f"the metric {name} is for it"
    return None, ""


def _is_for(targets: _Targets, spec: TaskSpec | None, metric: str) -> bool:
    """Tell whether a task, the usual one of the targets for None, takes them and the metric is for it."""
    try:
        task = targets.infer(None if spec is None else spec.name)
    except InputError:
        return False
    return task.is_one_of(find_metric(metric, task, targets.registry.metrics).tasks)


# --- labels or probabilities


def _find_each(
    targets: _Targets, task: Task, metric: MetricSpec | None
) -> tuple[tuple[TargetForm, ...], tuple[Guess, ...]]:
    found = [_form_of(each, one, task, metric) for each, one in zip(targets.each, task.targets, strict=True)]
    shares = next((reason for form, reason in found if form is Form.PROBABILITY), "")
    if shares and targets.wishes.form is None:  # a column of zeros among those of shares is one of them
        found = [
            (Form.PROBABILITY, shares) if _has_two(one) else pair for pair, one in zip(found, task.targets, strict=True)
        ]
    forms, reasons = [form for form, _ in found], list(dict.fromkeys(reason for _, reason in found))
    by_form = {
        form: [one.target for one, each in zip(task.targets, forms, strict=True) if each is form] for form in forms
    }
    words = [
        IN_WORDS[form] + (f" of {listed(names, 4)}" if len(by_form) > 1 else "") for form, names in by_form.items()
    ]
    guesses = [Guess("submitted", "; ".join(words), "; ".join(reasons[:3]))]
    if Form.PROBABILITY in by_form:
        labels = [
            f"{one.classes[-1]} of {one.target}"
            for one, form in zip(task.targets, forms, strict=True)
            if form is Form.PROBABILITY
        ]
        guesses.append(Guess("probability of", listed(labels, 4), "the second of the two values of each"))
    return tuple(TargetForm(form) for form in forms), tuple(guesses)


def _form_of(evidence: Evidence, one: Task, task: Task, metric: MetricSpec | None) -> tuple[Form, str]:
    """Return the form of one of the targets, and why it is that."""
    if not one.classes:
        return Form.VALUES, "numbers are submitted as values"
    forms = _forms_of(one, task, evidence.registry)
    asked = evidence.wishes.form
    if asked == "probabilities" and Form.PROBABILITY not in forms:
        raise OptionError(
            f"Found --{option_of(asked)}, and {evidence.columns.target} has {len(one.classes)} classes; expected two "
            f"of each target, as a column has room for one probability. Leave the option out, or give --labels."
        )
    if asked is not None:
        return (Form.LABELS if asked == "labels" else Form.PROBABILITY), "as asked"
    if forms == (Form.LABELS,):
        return Form.LABELS, "a column of more than two classes has room for labels alone"
    if metric is None:
        return form_by_sample(evidence, one, forms)
    wanted = Form.LABELS if metric.needs == "labels" else Form.PROBABILITY
    return wanted, f"{metric.name} scores {IN_WORDS[wanted]}"


def _forms_of(one: Task, task: Task, registry: Registry) -> tuple[Form, ...]:
    """Return the forms that a target of classes may have: those that the task names, and that fit in one column."""
    named = registry.task_spec(task.kind).submits or (Form.PROBABILITY.value, Form.LABELS.value)
    fitting = (Form.PROBABILITY, Form.LABELS) if _has_two(one) else (Form.LABELS,)
    return tuple(form for form in fitting if form.value in named) or (Form.LABELS,)


def _has_two(one: Task) -> bool:
    return 0 < len(one.classes) <= 2


# --- the metric


def _find_metric(
    registry: Registry, task: Task, asked: MetricSpec | None, forms: Sequence[Form]
) -> tuple[MetricSpec, Guess]:
    """Return the metric asked for, else what is usual for labels where all are submitted so, else the task's own."""
    if asked is not None:
        return asked, Guess("metric", asked.name, "as asked")
    spec = registry.task_spec(task.kind)
    own = spec.metric if spec.metric_of is None else spec.metric_of(task)
    chosen = choose_metric(own, task, registry.metrics)
    if all(form is Form.LABELS for form in forms) and chosen.needs != Form.LABELS.value:
        usual = [
            each
            for each in registry.metrics.values()
            if Form.LABELS.value in each.usual_for and task.kind in each.tasks
        ]
        chosen = next(iter(usual), chosen)
    what = " and ".join(dict.fromkeys(IN_WORDS[form] for form in forms))
    reason = f"usual where {what} of several targets are submitted; the files do not say, give --metric"
    return chosen, Guess("metric", chosen.name, reason)
