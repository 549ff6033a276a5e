"""Sections: a story as the sections of a page, in the order in which they are read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from automl.report import MACHINE
from automl.reporting.charts import as_themed_svg
from automl.reporting.page import NOTHING, Head, Picture, Row, Section, Table, between, make_table, number
from automl.reporting.plot_classes import plot_calibration, plot_confusion, plot_precision_recall, plot_roc
from automl.reporting.plot_features import plot_dependence, plot_importance, plot_slices
from automl.reporting.plot_search import plot_leaderboard, plot_score_over_time, plot_weights
from automl.reporting.plot_values import plot_predicted_true, plot_residual_bands, plot_residuals
from automl.reporting.story import NO_SLICES, Story, spell_seconds
from automl.vocabulary.outputs import middle_of
from automl.vocabulary.review import ReportTable, Review

SHOWN_CANDIDATES, MOST_CANDIDATES, MOST_COLUMNS, MOST_REASONS = 20, 500, 300, 4
HOW_TO_MEASURE = (
    "Not measured: this needs rows with their target, and a saved model holds none. Give some, best the table that was "
    "fitted: automl report MODEL --data train.csv, or model.report(path, data). Or let automl fit --report FILE write "
    "the report while the rows are at hand."
)

OLDER_VERSION = "Nothing was kept of the predictions: the model is of an older version. Give rows with their target."
NOT_REVIEWED = "Nothing was kept of the predictions: outputs of this form are not reviewed, or it broke; see Failures."


def sections(story: Story) -> Iterator[Section]:
    """Yield the sections."""
    yield Section(
        "asked", "What was asked", ("The options that were given, and what was made of the table.",), story.asked,
        short="Asked",
    )  # fmt: skip
    yield _validation(story)
    yield _leaderboard(story)
    yield from _predictions(story)
    yield _importance(story)
    yield _dependence(story)
    yield _slices(story)
    yield _audit(story)
    yield _whynot(story)
    yield _failures(story)
    yield Section("made", "Made with", ("Versions of what fitted the model.",), story.versions)


def _picture(figure: Any, name: str, title: str, about: str) -> Picture:
    return Picture(title, about, as_themed_svg(figure, name))


def _validation(story: Story) -> Section:
    low, high = story.interval
    drawn = "whole groups of rows" if story.grouped else "the rows"
    measured = (
        f"{story.metric.name} {number(story.score)} is measured on rows that neither the ensemble's members nor its "
        f"weights have seen. On a later table of the same kind, a quarter as long, it would lie between "
        f"{number(low)} and {number(high)} in 95 of 100 cases (bootstrap over {drawn})."
    )
    unknown = f"{story.metric.name} is not known: there were no rows to measure it on."
    texts = (unknown if math.isnan(story.score) else measured,)
    tables = []
    if story.measured is not None:
        found = story.measured
        rows = [
            ("at the fit", number(story.score), between(low, high), dict(story.validated).get("Rows judged", NOTHING)),
            ("on the rows given", number(found.score), between(*found.interval), f"{found.n_rows:,}: {found.origin}"),
        ]
        heads = ("measured", f"{story.metric.name}:number", "95 % interval", "rows:long")
        tables.append(make_table("Promised and measured", heads, rows, titled=True))
    if story.other_scores:
        scores = [(name, number(score)) for name, score in story.other_scores]
        tables.append(
            make_table("Other metrics of the same predictions", ("metric", "score:number"), scores, titled=True)
        )
    return Section(
        "validation", "How it was validated", texts, story.validated, tables=tuple(tables), short="Validation"
    )


def _leaderboard(story: Story) -> Section:
    board, metric = story.board, story.metric.name
    better = "greater" if story.metric.greater_is_better else "less"
    n_members = int((board["weight"] > 0).sum())
    texts = (
        f"Candidates by {metric}, of which {better} is better. A candidate's score is its mean over the folds, its "
        f"interval that of the mean by Student's t. The best of many is optimistic: trust the ensemble's score.",
        f"The ensemble ({story.ensemble}) has {n_members} member{'s' if n_members != 1 else ''}, "
        f"marked in the table; its weights are learnt from predictions of rows that the members have not seen.",
    )
    tables = [_candidates("Candidates", board.head(SHOWN_CANDIDATES), metric)]
    if len(board) > SHOWN_CANDIDATES:
        rest = board.iloc[SHOWN_CANDIDATES:MOST_CANDIDATES]
        tables.append(_candidates(f"{len(board) - SHOWN_CANDIDATES} more candidates", rest, metric, folded=True))
    rows = [(row.rank, row.model, spell_params(row.params)) for row in board.head(MOST_CANDIDATES).itertuples()]
    heads = ("rank:number", "model:name", "parameters:long")
    tables.append(make_table("Parameters of the candidates", heads, rows, folded=True))
    return Section(
        "leaderboard", "Leaderboard and ensemble", texts, figures=tuple(_of_search(story)), tables=tuple(tables),
        short="Leaderboard",
    )  # fmt: skip


def _of_search(story: Story) -> Iterator[Picture]:
    board, metric, greater = story.board, story.metric.name, story.metric.greater_is_better
    figure = plot_leaderboard(board, metric, greater, story.score, story.interval)
    yield _picture(figure, "leaderboard", "Best candidates", "Bars are 95 % intervals; dashed is the ensemble.")
    figure = plot_score_over_time(board, metric, greater, story.score, story.interval)
    about = "A line still rising or falling at the end says that more time may help."
    yield _picture(figure, "time", "Score over time", about)
    yield _picture(plot_weights(board), "weights", "The ensemble's weights", "#n is the rank in the table.")


def _candidates(label: str, board: Any, metric: str, *, folded: bool = False) -> Table:
    on_others = MACHINE in board.columns
    heads = (
        "rank:number", "model:name", f"{metric}:number", "95 % interval:number", "weight:number", "status",
        "folds:number", "fit:number", "predict:number", "ended at:number", "device", "origin",
        *([MACHINE] if on_others else []),
    )  # fmt: skip
    rows = [
        Row(
            (
                row.rank, row.model, number(row.score), between(row.score_low, row.score_high, 4),
                f"{row.weight:.1%}" if row.weight else NOTHING, row.status, row.folds, spell_seconds(row.fit_seconds),
                spell_seconds(row.predict_seconds), spell_seconds(row.finished), row.device, row.origin,
                *([row.machine] if on_others else []),
            ),
            "member" if row.weight else "",
        )
        for row in board.itertuples(index=False)
    ]  # fmt: skip
    return make_table(label, heads, rows, folded=folded)


def spell_params(params: Any) -> str:
    """Return hyperparameters as "name=value, ..."."""
    named = (f"{name}={number(value, 4) if isinstance(value, float) else value}" for name, value in params.items())
    return ", ".join(named) or "defaults"


def _predictions(story: Story) -> Iterator[Section]:
    review, target, title = story.review, story.task.target, _what_is_shown(story)
    tables = tuple(_of_task(each) for each in story.shown)
    if review is None:
        notice = OLDER_VERSION if not story.validated else NOT_REVIEWED if not story.shown else ""
        yield Section("predictions", title, tables=tables, notice=notice, short="Predictions")
        return
    texts = (
        f"Cross-fitted predictions of {review.n_rows:,} rows beside the truth: each by models and weights that have "
        f"not seen the row.",
        *_of_quantiles(story),
    )
    pictures = (*_of_classes(review), *_of_values(review, target))
    yield Section("predictions", title, texts, figures=pictures, tables=tables, short="Predictions")


def _what_is_shown(story: Story) -> str:
    """Return the title of what is told of the predictions."""
    if story.task.targets:
        return "Predictions by target"
    if story.task.has_classes:
        return "Predictions by class"
    return "Predictions" if story.review is None else "Residuals"


def _of_quantiles(story: Story) -> Iterator[str]:
    """Yield which of several quantiles stands for a value."""
    block = story.task.blocks[0]
    if block.levels:
        yield (
            f"What is called predicted in the figures, and in the slices below, is the quantile of the level "
            f"{block.levels[middle_of(block)]:g}; the tables tell of all levels."
        )


def _of_task(shown: ReportTable) -> Table:
    columns = list(zip(*shown.rows, strict=True)) or [()] * len(shown.heads)
    kinds = ("number" if each and all(map(_is_number, each)) else "" for each in columns)
    heads = tuple(Head(name, kind) for name, kind in zip(shown.heads, kinds, strict=True))
    return Table(shown.title, heads, tuple(map(Row, shown.rows)), titled=True, about=shown.about)


def _is_number(cell: str) -> bool:
    """Tell whether a cell is a number, or stands for one that is not there."""
    try:
        float(cell.replace(",", "").removesuffix("%"))
    except ValueError:
        return cell in ("", "-", NOTHING)
    return True


def _of_classes(review: Review) -> Iterator[Picture]:
    if review.roc:
        yield _picture(plot_roc(review), "roc", "ROC", "How many of a class are found, for how many false alarms.")
    if review.precision_recall:
        about = "How many of those found are right; AP is the area."
        yield _picture(plot_precision_recall(review), "pr", "Precision and recall", about)
    if review.calibration:
        about = "On the dashed line, a predicted 30 % comes true in 30 of 100 cases."
        yield _picture(plot_calibration(review), "calibration", "Calibration", about)
    if review.confusion is not None:
        about = "Rows by true and predicted class; shades are shares of the true class."
        yield _picture(plot_confusion(review), "confusion", "Confusion matrix", about)


def _of_values(review: Review, target: str) -> Iterator[Picture]:
    if review.residuals is None:
        return
    about = "The darker, the more rows; the outermost percents are drawn at the edge."
    yield _picture(plot_predicted_true(review, target), "true", "Predicted against true", about)
    about = "Right of 0 the truth was greater than predicted."
    yield _picture(plot_residuals(review, target), "residuals", "Residuals", about)
    about = "Bands that widen or bend say where predictions are less sure, or lean to one side."
    yield _picture(plot_residual_bands(review, target), "bands", "Residuals by prediction", about)


def _importance(story: Story) -> Section:
    title, found = "Permutation importance", story.explained
    if found is None:
        return Section("importance", title, notice=HOW_TO_MEASURE, short="Importance")
    texts = (
        f"By how much worse {story.metric.name} gets where a column's values are shuffled among the rows, with 95 % "
        f"intervals. An interval over 0 says that the column may be of no use. Two columns that tell the same share "
        f"what they are worth. Measured on {found.n_rows:,} {found.origin}.",
    )
    rows = [
        (row.feature, number(row.importance, 4), between(row.low, row.high, 4), row.repeats or "not used")
        for row in found.importance.head(MOST_COLUMNS).itertuples(index=False)
    ]
    heads = ("column:name", f"{story.metric.name} worse by:number", "95 % interval:number", "shuffles:number")
    picture = _picture(plot_importance(found.importance, story.metric.name), "importance", "Leading columns", "")
    beside = make_table("Importance of every column", heads, rows)
    return Section("importance", title, texts, figures=(picture,), beside=beside, short="Importance")


def _dependence(story: Story) -> Section:
    title, found = "Partial dependence", story.explained
    if found is None or not found.dependence:
        notice = HOW_TO_MEASURE if found is None else "No column of numbers, dates or categories has any importance."
        return Section("dependence", title, notice=notice, short="Dependence")
    texts = (
        "What is predicted where one column takes one value after another and all others stay as they are: thick, the "
        "mean over the rows; thin, single rows. Thin lines that run apart say that it depends on other columns as "
        "well. Marks at the foot are the column's deciles.",
    )
    pictures = tuple(
        _picture(plot_dependence(each, story.task), f"dependence{place}", each.column, "")
        for place, each in enumerate(found.dependence)
    )
    return Section("dependence", title, texts, figures=pictures, short="Dependence")


def _slices(story: Story) -> Section:
    title, review = "Where it is worst", story.review
    if review is None:
        notice = NO_SLICES if story.shown else "Nothing was kept of the predictions. Give rows with their target."
        return Section("slices", title, notice=notice, short="Worst slices")
    compared = f"{review.n_slices} slices of the table, each by the values of one column, were compared"
    if not review.slices:
        notice = f"{compared}; none is predicted worse than the rest by more than chance."
        return Section("slices", title, notice=notice, short="Worst slices")
    texts = (
        f"Rows that are predicted worse than all others by more than chance explains: {compared} and corrected for. "
        f"The mean {review.loss_name} of all rows is {number(review.loss, 4)}.",
    )
    is_share = story.task.has_some_classes  # of labels that are wrong
    rows = [
        (
            each.column, each.label, f"{each.n_rows:,}", number(each.loss, 4), between(each.low, each.high, 3),
            f"{each.second:.1%}" if is_share else number(each.second, 3),
        )
        for each in review.slices
    ]  # fmt: skip
    heads = (
        "column:name", "values", "rows:number", f"{review.loss_name}:number", "95 % interval:number",
        f"{review.second_name}:number",
    )  # fmt: skip
    picture = _picture(plot_slices(review), "slices", "The worst slices", "")
    return Section(
        "slices", title, texts, figures=(picture,), beside=make_table(title, heads, rows), short="Worst slices"
    )


def _audit(story: Story) -> Section:
    texts = ("What was noticed about the table before any fit; nothing was dropped but what is said.",)
    tables = []
    if len(story.audit):
        rows = [
            (row.severity, row.topic, row.column or NOTHING, row.found, row.done, row.advice or NOTHING)
            for row in story.audit.itertuples(index=False)
        ]
        heads = ("severity", "topic", "column:name", "found:long", "done:long", "advice:long")
        tables.append(make_table("Findings", heads, rows, titled=True))
    rows = [
        (
            row.column,
            row.kind,
            f"{row.distinct:,}",
            f"{row.missing:.1%}",
            "yes" if row.used else "no",
            row.note or NOTHING,
        )
        for row in story.columns.head(MOST_COLUMNS).itertuples(index=False)
    ]
    heads = ("column:name", "kind", "distinct:number", "missing:number", "used", "note:long")
    tables.append(make_table(f"{len(story.columns)} columns", heads, rows, folded=True))
    notice = "" if len(story.audit) else "Nothing was noticed."
    return Section("audit", "Data audit", texts, tables=tuple(tables), notice=notice)


def _whynot(story: Story) -> Section:
    texts = (
        "Every model that was, or might have been, tried: what became of it, and why there was not more. What was not "
        "run for want of time may be worth a longer search.",
    )
    rows = [
        (
            row.model, row.tried, number(row.best), f"{row.weight:.1%}" if row.weight else NOTHING,
            _few(row.why),
        )
        for row in story.models.itertuples(index=False)
    ]  # fmt: skip
    heads = (
        "model:name",
        "tried:number",
        f"best {story.metric.name}:number",
        "weight:number",
        "why not, or not more:long",
    )
    return Section("whynot", "Why not", texts, tables=(make_table("Models", heads, rows),))


def _few(reasons: list[str]) -> str:
    more = len(reasons) - MOST_REASONS
    return "; ".join([*reasons[:MOST_REASONS], *([f"and {more} more reasons"] if more > 0 else [])]) or NOTHING


def _failures(story: Story) -> Section:
    if not len(story.failures):
        return Section("failures", "Failures", notice="Nothing broke.")
    rows = [(row.model, row.stage, row.count, row.cause) for row in story.failures.itertuples(index=False)]
    heads = ("model:name", "stage", "times:number", "error:long")
    texts = ("What broke, each cause once; a failure costs the one candidate that it happened to.",)
    return Section("failures", "Failures", texts, tables=(make_table("Failures", heads, rows),))
