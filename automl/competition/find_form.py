"""Find the form: the task, whether labels or probabilities are wanted, and the metric, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from automl.competition.find_columns import ONE_HOT
from automl.competition.match_names import match_classes, plain
from automl.competition.nouns import Columns, Form, Guess, Tables, Wanted, Wishes, listed
from automl.errors import InputError, OptionError, unknown_name
from automl.plugin_api.specs import MetricSpec
from automl.registry import Registry
from automl.steps.plan.choose_metric import choose_metric
from automl.steps.plan.infer_task import infer_task
from automl.steps.plan.read_target import seem_classes
from automl.steps.plan.task_by_metric import task_by_metric
from automl.vocabulary.outputs import output_marks, output_names
from automl.vocabulary.task import Task

FORMS = ("labels", "probabilities")
LOOKED_AT_ROWS = 10_000
SKEWED = 1.0
"""Skew of a target from which competitions are often scored by its logarithm."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to go by: the target, and what the sample holds for it, as text."""

    target: pd.Series
    texts: tuple[str, ...]
    columns: Columns
    sample: str
    wishes: Wishes
    registry: Registry

    @property
    def sign(self) -> str:
        """The decimal sign of a target of numbers as text, where it was said."""
        return self.wishes.decimal.get(self.columns.target, self.wishes.decimal.get("", ""))


def target_of(tables: Tables, columns: Columns) -> pd.Series | pd.DataFrame:
    """Return the target of the train table, a frame of several; columns of 0 and 1 become the name of that with 1."""
    frame = tables.train.frame
    if columns.several:
        return frame[list(columns.several)]
    if not columns.one_hot:
        return frame[columns.target]
    numbers = frame[list(columns.one_hot)].astype(float).to_numpy()
    return pd.Series(np.asarray(columns.one_hot, dtype=object)[numbers.argmax(axis=1)], index=frame.index, name=ONE_HOT)


def find_form(tables: Tables, columns: Columns, wishes: Wishes, registry: Registry) -> Wanted:
    """Return what the submission of one target is to hold and the metric to optimise."""
    evidence = evidence_of(tables, columns, wishes, registry)
    task, task_guess = _find_task(evidence)
    asked = None if wishes.metric is None else choose_metric(wishes.metric, task, registry.metrics)
    form, form_guess = _find_form(evidence, task, asked)
    ranks = _ranks(evidence, task, asked) if form is Form.RANKED else 0
    metric, metric_guess = _find_metric(evidence, task, asked, form, ranks)
    given, classes_of, more = _name_columns(evidence, task, form)
    positive, spec = 1, registry.task_spec(task.kind)
    by_group = spec.decides_by_group
    if form is Form.PROBABILITY:
        positive, guess = _find_positive(task, wishes)
        more = (*more, guess)
    guesses = (task_guess, form_guess, metric_guess, *more)
    return Wanted(
        form, task, metric, given, classes_of, positive, ranks, guesses, decide=spec.decide, by_group=by_group
    )


def evidence_of(tables: Tables, columns: Columns, wishes: Wishes, registry: Registry) -> Evidence:
    """Return what there is to go by for one target; refuse what cannot be asked for, and a target without values."""
    if wishes.form is not None and wishes.form not in FORMS:
        raise OptionError(unknown_name("form", wishes.form, FORMS))
    target = target_of(tables, columns).dropna()
    if target.empty:
        raise InputError(f"The target {columns.target!r} of {tables.train.name} has no value; expected some.")
    texts: tuple[str, ...] = ()
    if tables.sample_text is not None and len(columns.given) == 1 and columns.given[0] in tables.sample_text:
        texts = tuple(tables.sample_text[columns.given[0]].head(LOOKED_AT_ROWS))
    name = "the sample" if tables.sample is None else tables.sample.name
    return Evidence(target.reset_index(drop=True), texts, columns, name, wishes, registry)


# --- the task


def _find_task(evidence: Evidence) -> tuple[Task, Guess]:
    wishes, target, sign = evidence.wishes, evidence.target, evidence.sign
    wanted, reason = wishes.task, "as asked"
    if wanted is None:
        wanted, reason = _task_by_metric(evidence)
    if wanted is None and len(evidence.columns.given) > 1:
        wanted, reason = "classification", f"{evidence.sample} has one column for each class"
    if wanted is None and _are_several_classes(target, sign) and has_numbers_between(evidence):
        wanted, reason = "regression", f"{evidence.sample} has numbers between those of the target"
    task, _ = infer_task(target, evidence.columns.target, wanted, evidence.registry, sign, wishes.options)
    if wanted is None:
        reason = f"from the {target.nunique():,} different values of {evidence.columns.target}"
    return task, Guess("task", _task_words(task), reason)


def _are_several_classes(target: pd.Series, sign: str) -> bool:
    return bool(target.nunique() != 2) and seem_classes(target, sign)


def _task_by_metric(evidence: Evidence) -> tuple[str | None, str]:
    """Return the task that the metric is for, where the target looks like another."""
    task, _ = infer_task(evidence.target, evidence.columns.target, None, evidence.registry, evidence.sign)
    metric = evidence.wishes.metric
    found = task_by_metric(metric, task, evidence.target, evidence.registry)
    return found, f"the metric {getattr(metric, 'name', metric)} is for it"


def has_numbers_between(evidence: Evidence) -> bool:
    """Tell whether a sample of a target of several whole numbers has others, and not shares from 0 to 1."""
    target = evidence.target
    if not pd.api.types.is_numeric_dtype(target.dtype) or target.nunique() <= 2 or not evidence.texts:
        return False
    numbers = pd.to_numeric(pd.Series(evidence.texts), errors="coerce").dropna()
    other = numbers[~numbers.isin(target.unique())]
    return bool(len(other) and (other != other.round()).any() and (target.max() > 1.0))


def _task_words(task: Task) -> str:
    return f"{task.kind.value} of {listed(task.classes, 6)}" if task.classes else task.kind.value


# --- labels or probabilities


def _find_form(evidence: Evidence, task: Task, metric: MetricSpec | None) -> tuple[Form, Guess]:
    forms = _forms_of(task, evidence.registry)
    form, reason = _form_and_reason(evidence, task, forms, metric)
    if form not in (*forms, Form.RANKED):  # which a metric may ask for
        form, reason = forms[0], f"a submission of {task.kind.value} has {listed([each.value for each in forms])}"
    return form, Guess("submitted", _form_words(form, task), reason)


def _forms_of(task: Task, registry: Registry) -> tuple[Form, ...]:
    """Return the forms that a task names, else those of the engine's own whose outputs have the same form."""
    says = [registry.tasks[kind.value].submits for kind in (task.kind, task.like) if kind.value in registry.tasks]
    named = next((each for each in says if each), ())
    if not named:
        raise OptionError(
            f"The task {task.kind.value!r} does not say which forms a submission of it has; expected its "
            f"plugin to name some in TaskSpec.submits."
        )
    return tuple(Form(each) for each in named)


def _form_and_reason(
    evidence: Evidence, task: Task, forms: Sequence[Form], metric: MetricSpec | None
) -> tuple[Form, str]:
    several = len(evidence.columns.given) > 1
    single = Form.PROBABILITY if Form.PROBABILITY in forms else Form.CLASS_COLUMNS
    if forms[0] is Form.VALUES:
        if evidence.wishes.form is not None:
            raise OptionError(
                f"--{option_of(evidence.wishes.form)} is for classes; {evidence.columns.target} is a number."
            )
        return Form.VALUES, f"the task is {task.kind.value}"
    if several:
        if Form.CLASS_COLUMNS not in forms:
            raise OptionError(
                f"{evidence.sample} has {len(evidence.columns.given)} columns for the target; a submission of "
                f"{task.kind.value} has one. Give the task with task=, or another sample."
            )
        if evidence.wishes.form == "labels":
            raise OptionError(f"--labels: {evidence.sample} has one column for each class; expected a single column.")
        return Form.CLASS_COLUMNS, f"{evidence.sample} has one column for each class"
    if evidence.wishes.form is not None:
        return (Form.LABELS if evidence.wishes.form == "labels" else single), "as asked"
    if metric is not None:
        return _form_by_metric(evidence, task, forms, metric)
    return form_by_sample(evidence, task, forms)


def _form_by_metric(evidence: Evidence, task: Task, forms: Sequence[Form], metric: MetricSpec) -> tuple[Form, str]:
    if metric.ranks:
        return Form.RANKED, f"{metric.name} scores a list"
    if metric.needs == "labels":
        return Form.LABELS, f"{metric.name} scores labels"
    if Form.PROBABILITY in forms:
        return Form.PROBABILITY, f"{metric.name} scores probabilities"
    if evidence.texts:
        return Form.LABELS, f"{evidence.sample} has one column, no room for {len(task.classes)} probabilities"
    return Form.CLASS_COLUMNS, f"{metric.name} scores probabilities"


def form_by_sample(evidence: Evidence, task: Task, forms: Sequence[Form]) -> tuple[Form, str]:
    """Return which of some forms the sample's values for a target of classes have, and what tells it."""
    sample, has_shares = evidence.sample, Form.PROBABILITY in forms
    texts = [text.strip() for text in evidence.texts if text.strip()]
    if not texts:
        why = f"{sample} has no values to go by" if evidence.texts else "no sample was given"
        return next(each for each in forms if not evidence.texts or each is not Form.CLASS_COLUMNS), why
    labels = {str(label) for label in task.classes} | set(labels_as_text(task.classes))
    plain_labels = {plain(label) for label in task.classes}
    if all(text in labels for text in texts):
        constant = ", all the same: give --proba if it is scored by probabilities" if len(set(texts)) == 1 else ""
        return Form.LABELS, f"{sample} has labels, such as {texts[0]}{constant if has_shares else ''}"
    if has_shares and _are_shares(texts):
        return Form.PROBABILITY, f"{sample} has numbers from 0 to 1, such as {texts[0]}"
    if all(plain(text) in plain_labels for text in texts):
        return Form.LABELS, f"{sample} has labels, such as {texts[0]}"
    if Form.RANKED in forms and all(set(text.split()) <= labels and len(text.split()) > 1 for text in texts):
        return Form.RANKED, f"{sample} lists labels, such as {texts[0]}"
    strange = next(text for text in texts if plain(text) not in plain_labels)
    return Form.LABELS, (
        f"{sample} has one column; its {strange!r} is no value of {evidence.columns.target}, so it stands for any"
    )


def _are_shares(texts: Sequence[str]) -> bool:
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce")
    return bool(numbers.between(0.0, 1.0).all())


def _form_words(form: Form, task: Task) -> str:
    return {
        Form.VALUES: "values",
        Form.LABELS: "labels",
        Form.PROBABILITY: "probabilities",
        Form.CLASS_COLUMNS: f"probabilities of {len(task.classes)} classes",
        Form.RANKED: "lists of the likeliest labels",
    }[form]


def option_of(form: str) -> str:
    """Return the option of the command line that asks for a form."""
    return "proba" if form == "probabilities" else form


# --- the metric


def _ranks(evidence: Evidence, task: Task, metric: MetricSpec | None) -> int:
    listed_in_sample = max((len(text.split()) for text in evidence.texts), default=1)
    wanted = metric.ranks if metric is not None and metric.ranks else listed_in_sample
    return min(wanted, len(task.classes))


def _find_metric(
    evidence: Evidence, task: Task, asked: MetricSpec | None, form: Form, ranks: int
) -> tuple[MetricSpec, Guess]:
    if asked is not None:
        return asked, Guess("metric", asked.name, "as asked")
    metric = _usual_metric(evidence.registry, task, form, ranks)
    reason = f"usual where {_form_words(form, task)} are submitted; the files do not say, give --metric"
    if form is Form.VALUES and _is_skewed(evidence.target):
        reason += ", such as rmsle: the values are positive and skewed"
    return metric, Guess("metric", metric.name, reason)


def _usual_metric(registry: Registry, task: Task, form: Form, ranks: int) -> MetricSpec:
    """Return the task's own metric where it sees what is submitted, else the one that is usual for the form.

    Of lists it is the metric of the fewest ranks that takes them whole.
    """
    fitting = [spec for spec in registry.metrics.values() if task.is_one_of(spec.tasks)]
    own = registry.task_spec(task.kind).metric
    usual = [spec for spec in fitting if spec.name == own and spec.needs in (form.value, "outputs")]
    usual += [spec for spec in fitting if form.value in spec.usual_for]
    if form is Form.RANKED:
        lists = sorted((spec for spec in fitting if spec.ranks), key=lambda spec: spec.ranks)
        usual = [spec for spec in lists if spec.ranks >= ranks] or lists[-1:]
    if not usual:
        raise OptionError(f"No metric is known that {form.value} are usually scored by; give --metric.")
    return usual[0]


def _is_skewed(target: pd.Series) -> bool:
    values = pd.to_numeric(target, errors="coerce")
    return bool(values.min() >= 0 and values.max() > 100 and values.astype(float).skew() > SKEWED)


# --- names and classes


def _name_columns(
    evidence: Evidence, task: Task, form: Form
) -> tuple[tuple[str, ...], tuple[int, ...], tuple[Guess, ...]]:
    given = evidence.columns.given
    if form is Form.VALUES and task.n_outputs > 1:
        return _name_values(evidence, task)
    if form is Form.VALUES and len(given) != task.n_outputs:
        raise InputError(
            f"{evidence.sample} has the columns {listed(given)} for the target; expected {task.n_outputs} for "
            f"{', '.join(output_names(task))}."
        )
    if form is not Form.CLASS_COLUMNS:
        return given, (), ()
    if len(given) <= 1:
        return tuple(str(label) for label in task.classes), tuple(range(len(task.classes))), ()
    found = match_classes(given, task.classes)
    if found is None:
        columns, classes = {plain(name) for name in given}, [str(label) for label in task.classes]
        lacking = [label for label in classes if not any(each.endswith(plain(label)) for each in columns)]
        raise InputError(
            f"{evidence.sample} has the columns {listed(given)} for the classes of {evidence.columns.target}, which "
            f"are {listed(classes)}. Expected one column for each class"
            f"{f'; without one: {listed(lacking)}' if lacking else ''}. Check that the files belong together."
        )
    unknown = [name for name, number in zip(given, found, strict=True) if number < 0]
    guesses = (Guess("never seen", listed(unknown), "no row of the train table has it: its probability is 0"),)
    return given, found, guesses if unknown else ()


def _name_values(evidence: Evidence, task: Task) -> tuple[tuple[str, ...], tuple[int, ...], tuple[Guess, ...]]:
    """Return the columns of several values, and which output each is: told by its name, else by its place."""
    given = evidence.columns.given
    names = output_names(task)
    if len(given) <= 1 and not evidence.texts:  # there is no sample
        return tuple(names), (), ()
    if len(given) != len(names):
        raise InputError(
            f"{evidence.sample} has the columns {listed(given)} for the target; expected {len(names)} for "
            f"{', '.join(names)}."
        )
    found = match_classes(given, names) or match_classes(given, output_marks(task))
    told = [f"{column} for {names[place]}" for column, place in zip(given, found or range(len(names)), strict=True)]
    reason = "by their names" if found else "by their order, as the names do not tell"
    return given, found or (), (Guess("columns", listed(told), reason),)


def _find_positive(task: Task, wishes: Wishes) -> tuple[int, Guess]:
    if wishes.positive is None:
        return 1, Guess("probability of", str(task.classes[1]), f"the second of {task.classes[0]}, {task.classes[1]}")
    fitting = [number for number, label in enumerate(task.classes) if plain(label) == plain(wishes.positive)]
    if len(fitting) != 1:
        raise OptionError(unknown_name("class for --positive", wishes.positive, map(str, task.classes)))
    return fitting[0], Guess("probability of", str(task.classes[fitting[0]]), "as asked")


def label_text(label: Any) -> str:
    """Return a label as it is written."""
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def labels_as_text(labels: Any) -> np.ndarray[Any, Any]:
    """Return labels as they are written: whole numbers without a point."""
    return np.asarray([label_text(each) for each in labels])
