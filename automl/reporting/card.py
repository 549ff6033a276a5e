"""Card: the model card in Markdown, short, for those who use a model and did not fit it (Mitchell et al., 2019)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from automl.errors import OptionError
from automl.reporting.page import NOTHING, between, number
from automl.reporting.story import NO_SLICES, Story
from automl.vocabulary.places import place_of

MOST_MEMBERS, MOST_FEATURES, MOST_SLICES = 10, 15, 8
SPECIAL = "\\`*_{}[]<>#|~!$"


def write_card(story: Story, path: str | Path | None) -> str:
    """Return the model card, and write it to a file where a path is given."""
    text = "\n".join(_lines(story)) + "\n"
    if path is not None:
        try:
            place_of(path).parent.mkdir(parents=True, exist_ok=True)
            place_of(path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise OptionError(f"{str(path)!r} cannot be written: {error}. Choose another place.") from error
    return text


def plain(value: Any) -> str:
    """Return text that Markdown shows as it is, on one line."""
    text = " ".join(str(value).split())
    return "".join(f"\\{each}" if each in SPECIAL else each for each in text)


def _lines(story: Story) -> Iterator[str]:
    task, metric = story.task, story.metric.name
    yield from (
        f"# Model card: {plain(story.title)}",
        "",
        f"{task.kind.value.capitalize()} model of `ensemble-automl`.",
    )
    yield from ("", "## What it is for", "")
    yield from _bullets(story.asked)
    yield from ("", "Intended use, and use that is not intended: *to be filled in by its owner.*")
    yield from ("", "## How good it is", "")
    if math.isnan(story.score):
        yield f"{plain(metric)} is not known: there were no rows to measure it on."
    else:
        yield f"**{plain(metric)} {number(story.score)}**, 95 % interval {between(*story.interval)}, on rows that"
        yield "neither the members nor their weights have seen."
    if story.other_scores:
        yield from ("", *_table(("metric", "score"), [(name, number(score)) for name, score in story.other_scores]))
    for table in story.shown:
        yield from ("", f"### {plain(table.title)}", "", plain(table.about))
        yield from ("", *_table(table.heads, table.rows))
    if story.validated:
        yield from ("", "### How it was validated", "", *_bullets(story.validated))
    yield from ("", "## What it is made of", "")
    members = story.board[story.board["weight"] > 0].sort_values("weight", ascending=False, kind="stable")
    yield f"An ensemble ({plain(story.ensemble)}) of {len(members)}, chosen from {len(story.board)} candidates."
    rows = [
        (row.model, f"{row.weight:.1%}", number(row.score), between(row.score_low, row.score_high, 4))
        for row in members.head(MOST_MEMBERS).itertuples()
    ]
    yield from ("", *_table(("member", "weight", metric, "95 % interval"), rows))
    yield from _features(story)
    yield from _limits(story)
    yield from ("", "## Made with", "", *_bullets(story.versions))


def _features(story: Story) -> Iterator[str]:
    yield from ("", "## What it looks at", "")
    if story.explained is None:
        yield "Importance was not measured: `automl report MODEL --data FILE` does, on rows with their target."
        return
    found = story.explained
    what = f"{found.n_rows:,} {found.origin}"
    yield f"By how much worse {plain(story.metric.name)} gets where a column is shuffled, on {what}."
    rows = [
        (row.feature, number(row.importance, 4), between(row.low, row.high, 4))
        for row in found.importance.head(MOST_FEATURES).itertuples()
    ]
    yield from ("", *_table(("column", "worse by", "95 % interval"), rows))


def _limits(story: Story) -> Iterator[str]:
    yield from ("", "## Where it is weak", "")
    review = story.review
    if review is not None and review.slices:
        yield f"Predicted worse than the rest by more than chance; the mean {review.loss_name} of all rows is"
        yield f"{number(review.loss, 4)}."
        rows = [
            (each.column, each.label, f"{each.n_rows:,}", number(each.loss, 4), between(each.low, each.high, 3))
            for each in review.slices[:MOST_SLICES]
        ]
        yield from ("", *_table(("column", "values", "rows", review.loss_name, "95 % interval"), rows))
    elif review is not None:
        yield f"None of {review.n_slices} slices is predicted worse than the rest by more than chance."
    else:
        yield NO_SLICES if story.shown else "Nothing was kept of its predictions."
    warnings = story.audit[story.audit["severity"] == "warning"]
    if len(warnings):
        yield from ("", "### Warnings about the data", "")
        for row in warnings.itertuples():
            where = f" ({plain(row.column)})" if row.column else ""
            yield f"- {plain(row.topic)}{where}: {plain(row.found)}. {plain(row.advice)}"
    if story.notes:
        yield from ("", "### Notes of the fit", "", *(f"- {plain(note)}" for note in story.notes))


def _bullets(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in pairs:
        yield f"- {plain(name)}: {plain(value) or NOTHING}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(plain(each) for each in heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(plain(each) for each in row)} |"
