"""Token classification: each row is a word of a sentence and has a tag, of a scheme such as IOB2 or of none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.plugin_api import (
    FIELDS,
    ROWS,
    Array,
    BorrowedLearner,
    BuildRequest,
    Dataset,
    Finding,
    Learner,
    Loan,
    ReportTable,
    Severity,
    TargetColumn,
    Task,
    TaskKind,
    TaskSpec,
    hookimpl,
)
from automl_builtins.kinds import TOKENS
from automl_builtins.tagging.decoding import decoded
from automl_builtins.tagging.schemes import IO, Scheme, by_group, count_stray, scheme_of, spans_of
from automl_builtins.tagging.sentences import Sentences, place_rows, sentence_column
from automl_builtins.tasks._audit_classes import audit_classes
from automl_builtins.tasks._one_against_others import OneAgainstOthers, one_against_others

NAMES = ("token", "tokens", "word", "words", "form", "text")
"""What a column of words may be called, in any case; where none is called so it is the first one."""
SPAN_METRICS, TAG_METRICS = ("span_f1", "span_precision", "span_recall"), ("accuracy", "log_loss")
MOST_TAGS_SHOWN = 50
SEVERAL_TAGS = 5.0
"""Tags that there are about, for estimating what as many fits cost."""
MOST_FIELDS = 20
"""Other columns that go with a word to its neighbours."""
SENTENCES_OF_A_BLOCK, FEWEST_BLOCKS = 50, 50
"""How many neighbouring sentences go to one fold at most; fewer where there would not be so many blocks."""
SIGNS = str.maketrans({FIELDS: " ", ROWS: " ", "\r": " "})


def take(target: TargetColumn) -> tuple[Task, Array]:
    """Return a task of tags, and each row's."""
    return target.as_classes(TOKENS)


def metric_of(task: Task) -> str:
    """Return the F1 of spans where tags have a scheme, the share of right tags where they have none."""
    return "span_f1" if scheme_of(task.classes).is_one else "accuracy"


def evaluated_of(task: Task) -> tuple[str, ...]:
    """Return what is told beside the metric: of tags without a scheme nothing about spans, of which they have none."""
    return (*SPAN_METRICS, *TAG_METRICS) if scheme_of(task.classes).is_one else TAG_METRICS


def decide(outputs: Array, task: Task, groups: Array | None = None) -> Array:
    """Return the likeliest tags that the scheme allows in each sentence; without groups each row is one."""
    groups = np.arange(len(outputs)) if groups is None else groups
    return decoded(outputs, scheme_of(task.classes), groups)


# --- the table


def widen(features: Any, groups: Array) -> Any:
    """Return the table with each word among those of its sentence, in place of the word alone."""
    name = word_column(list(features.columns))
    others = [each for each in features.columns if each != name][:MOST_FIELDS]
    fields = [as_words(features[name]), *(as_field(features[each]) for each in others)]
    import pandas as pd

    placed = pd.Series(place_rows(fields, groups), index=features.index, dtype=object)
    return features.assign(**{name: placed})


def word_column(names: Sequence[str]) -> str:
    """Return the name of the column that holds the words."""
    by_name = {name.strip().lower(): name for name in reversed(names)}
    return next((by_name[each] for each in NAMES if each in by_name), names[0])


def as_words(column: Any) -> list[str]:
    """Return the cells of a column as words of text; a whole number without a point, one that is missing as ""."""
    import pandas as pd

    codes, found = pd.factorize(column.astype(object))
    words = [_word(value) for value in found] + [""]
    return [words[code] for code in codes]


def _word(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).translate(SIGNS)


def as_field(column: Any) -> list[str]:
    """Return a column that goes with words as text; amounts and moments, of which each is another, as ""."""
    if column.dtype.kind in "fmM":
        return [""] * len(column)
    return as_words(column)


def blocks(groups: Array) -> Array:
    """Return the number of the block of neighbouring sentences that each row is of.

    Sentences of one text stand beside each other and repeat its words: dealt one by one, a model that has learned them
    by heart is judged by what it has seen. Where one text ends is not known, so that a block holds a few of them.
    """
    numbers = np.unique(groups, return_inverse=True)[1]
    size = int(np.clip((int(numbers.max()) + 1) // FEWEST_BLOCKS, 1, SENTENCES_OF_A_BLOCK)) if len(numbers) else 1
    return np.asarray(numbers // size)


# --- what there is to tell


def tell(target: TargetColumn, dataset: Dataset) -> Iterator[Finding]:  # noqa: ARG001  the spec names it
    """Yield the scheme, tags that it does not allow, sentences in pieces, and words that are no text."""
    name, scheme = dataset.task.target, scheme_of(dataset.task.classes)
    if scheme.is_one:
        yield from _tell_scheme(dataset, scheme, name)
    else:
        found = f"the {len(dataset.task.classes)} tags have no scheme such as IOB2"
        yield Finding(Severity.NOTE, "target", name, found, "each is predicted by itself; accuracy is the usual metric")
    if dataset.groups is not None:
        yield from _tell_groups(dataset.groups, dataset.task.grouped_by)
    yield from _tell_words(dataset)


def _tell_scheme(dataset: Dataset, scheme: Scheme, name: str) -> Iterator[Finding]:
    order, is_first = by_group(np.zeros(dataset.n_rows) if dataset.groups is None else dataset.groups)
    numbers = np.asarray(dataset.target)[order]
    n_spans = len(spans_of(numbers, scheme, is_first).first)
    types = f"{len(scheme.names)} types" if len(scheme.names) > 1 else "one type"
    found = f"the tags are {scheme.name}: {n_spans:,} spans of {types} in {int(is_first.sum()):,} sentences"
    yield Finding(Severity.NOTE, "target", name, found, "what is predicted keeps to the scheme")
    stray = count_stray(numbers, scheme, is_first)
    if stray:
        yield Finding(
            Severity.WARNING,
            "target",
            name,
            f"{stray:,} tags follow what the scheme does not allow before them, such as I- without B-",
            "learnt as they are; by span_f1, as by seqeval in its strict mode, they are in no span",
            "If each I- after an O begins a span, as in IOB1, write those as B-.",
        )
    if scheme.name == IO:
        found = "no tag says where a span begins"
        yield Finding(Severity.NOTE, "target", name, found, "each run of one type counts as one span")


def _tell_groups(groups: Array, name: str) -> Iterator[Finding]:
    n_groups = len(np.unique(groups))
    n_pieces = int((np.diff(groups) != 0).sum()) + 1
    if n_pieces > n_groups:
        yield Finding(
            Severity.WARNING,
            "rows",
            name,
            f"the rows of sentences do not follow each other: {n_groups:,} sentences stand in {n_pieces:,} pieces",
            "the rows of one sentence are put together, in the order of the table",
            "If numbers of sentences begin anew, such as in each document, make them different.",
        )


def _tell_words(dataset: Dataset) -> Iterator[Finding]:
    if not hasattr(dataset.features, "columns"):
        return
    name = sentence_column(dataset.schema.columns)
    sentences = Sentences.of(dataset.features[name].to_numpy(dtype=object))
    words = [fields[0] for sentence in sentences.words() for fields in sentence]
    empty = sum(not word.strip() for word in words)
    if empty:
        found = f"{empty:,} words are missing or empty"
        advice = "Words such as null and NA are read as missing by pandas: pass keep_default_na=False."
        yield Finding(Severity.WARNING, "rows", name, found, "kept, as words without letters", advice)
    if words and all(_is_number(word) for word in words):
        found = "the words are numbers"
        yield Finding(Severity.WARNING, "rows", name, found, "read as text", "Check that this is the column of words.")


def _is_number(word: str) -> bool:
    return word.replace(".", "", 1).lstrip("+-").isdigit()


def show(target: Array, outputs: Array, decided: Array, task: Task, groups: Array) -> Iterator[ReportTable]:  # noqa: ARG001
    """Yield precision, recall and F1 of the spans of each type, and how tags that are wrong are wrong.

    Tags without a scheme have no spans: the same of each tag.
    """
    scheme = scheme_of(task.classes)
    if not scheme.is_one:
        yield _figures_of_tags(np.asarray(target), decided.argmax(axis=1), task)
        return
    order, is_first = by_group(groups)
    there = spans_of(np.asarray(target)[order], scheme, is_first)
    found = spans_of(decided.argmax(axis=1)[order], scheme, is_first)
    right = np.isin(found.keys(len(target)), there.keys(len(target)))
    rows = [
        _figures(name, right[found.kind == kind], int((there.kind == kind).sum()))
        for kind, name in enumerate(scheme.names)
    ]
    rows.append(_figures("all", right, len(there.first)))
    yield ReportTable(
        "Spans by type",
        "A span is right where its first word, its last word and its type are, as seqeval counts in its strict mode.",
        ("type", "spans", "found", "right", "precision", "recall", "F1"),
        tuple(rows),
    )
    yield ReportTable(
        "How spans are missed",
        "Of the spans that are there, by what was found in their place.",
        ("in their place", "spans", "share"),
        tuple(_misses(there, found)),
    )


def _figures_of_tags(target: Array, found: Array, task: Task) -> ReportTable:
    """Return precision, recall and F1 of each tag, the most frequent first."""
    counts = np.bincount(target, minlength=len(task.classes))
    order = np.argsort(-counts, kind="stable")[:MOST_TAGS_SHOWN]
    return ReportTable(
        "Tags",
        "Each word by itself." + (f" The {MOST_TAGS_SHOWN} most frequent tags." if len(counts) > len(order) else ""),
        ("tag", "words", "found", "right", "precision", "recall", "F1"),
        tuple(_figures(str(task.classes[tag]), target[found == tag] == tag, int(counts[tag])) for tag in order),
    )


def _figures(name: str, right: Array, n_there: int) -> tuple[str, ...]:
    n_right, n_found = int(right.sum()), len(right)
    precision, recall = n_right / max(1, n_found), n_right / max(1, n_there)
    score = 2 * n_right / max(1, n_there + n_found)
    return (name or "(no type)", f"{n_there:,}", f"{n_found:,}", f"{n_right:,}", f"{precision:.3f}", f"{recall:.3f}",
            f"{score:.3f}")  # fmt: skip


def _misses(there: Any, found: Any) -> Iterator[tuple[str, str, str]]:
    """Yield what stands in the place of the spans that are there, with how many there are and their share."""
    counts = dict.fromkeys(("the same span", "the same words, another type", "other words, the same type",
                            "other words and another type", "nothing"), 0)  # fmt: skip
    starts, ends = found.first, found.last
    for first, last, kind in zip(there.first, there.last, there.kind, strict=True):
        place = np.searchsorted(ends, first)
        if place >= len(starts) or starts[place] > last:
            counts["nothing"] += 1
            continue
        touching = range(place, int(np.searchsorted(starts, last, side="right")))
        same_words = [i for i in touching if starts[i] == first and ends[i] == last]
        if same_words:
            counts["the same span" if found.kind[same_words[0]] == kind else "the same words, another type"] += 1
        else:
            same_type = any(found.kind[i] == kind for i in touching)
            counts["other words, the same type" if same_type else "other words and another type"] += 1
    total = max(1, len(there.first))
    yield from ((name, f"{count:,}", f"{count / total:.1%}") for name, count in counts.items())


# --- borrowed models


def as_classes(task: Task) -> Task:
    """Return the task of telling a tag from what is known of its word and neighbours alone."""
    kind = TaskKind.BINARY if len(task.classes) == 2 else TaskKind.MULTICLASS
    return replace(task, kind=kind, grouped_by="")


def lend(request: BuildRequest, build: Any) -> Learner:
    """Return a learner that has a classifier tell each tag by itself."""
    inner = as_classes(request.task)
    return BorrowedLearner(build(BuildRequest(inner, request.params)), inner)


def as_one_tag(task: Task) -> Task:
    """Return the task of telling one tag from all others."""
    return one_against_others(as_classes(task))


def lend_one_by_one(request: BuildRequest, build: Any) -> Learner:
    """Return a learner that has as many classifiers of two classes as there are tags."""
    return OneAgainstOthers(build, request)


SPEC = TaskSpec(
    name=TOKENS.value,
    take=take,
    metric="span_f1",
    metric_of=metric_of,
    evaluated=(*SPAN_METRICS, *TAG_METRICS),
    evaluated_of=evaluated_of,
    decide=decide,
    decides_by_group=True,
    needs_groups=True,
    widen=widen,
    in_lists=True,
    blocks=blocks,
    tells=tell,
    audit=audit_classes,
    loans=(Loan(as_classes, lend), Loan(as_one_tag, lend_one_by_one, fits=SEVERAL_TAGS, otherwise=True)),
    submits=("labels",),
    shows=show,
)


@hookimpl
def automl_tasks() -> list[TaskSpec]:
    """Offer the task."""
    return [SPEC]
