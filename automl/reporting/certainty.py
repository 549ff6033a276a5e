"""Certainty: what a report tells of a model's intervals or sets: the coverages asked for, and what they came to."""

from __future__ import annotations

from collections.abc import Sequence

from automl.fitted.by_target import ByTarget, Calibrated
from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.reporting.page import number
from automl.vocabulary.review import ReportTable

SHOWN = (0.8, 0.9, 0.95)
"""Coverages that are told of each of several targets."""
WIDTH_AT = 0.9


def tell_certainty(calibrated: Calibrated | None, names: Sequence[str] = ()) -> tuple[ReportTable, ...]:
    """Return the table of coverages; none where nothing was kept, or rows were too few to try them.

    names: those of the targets, where there are several; tables then have a row for each of them.
    """
    if isinstance(calibrated, ByTarget):
        pairs = [pair for pair in zip(names, calibrated.each, strict=True) if pair[1].achieved]
        kinds = ([pair for pair in pairs if isinstance(pair[1], kind)] for kind in (Intervals, ClassSets))
        return tuple(_of_targets(chosen) for chosen in kinds if chosen)
    if calibrated is None or not calibrated.achieved:
        return ()
    what, method, size = _words(calibrated)
    units = "groups" if calibrated.by_group else "rows"
    about = (
        f"What {method} gives, tried on rows that were held out: how often the true one is covered, and the {size}. "
        f"The {calibrated.n_units:,} {units} can promise a coverage of up to {calibrated.promised:.2%}."
    )
    rows = [(f"{each.asked:.0%}", f"{each.covered:.1%}", number(each.size, 4)) for each in calibrated.achieved]
    return (ReportTable(what, about, ("coverage asked", "covered", size), tuple(rows)),)


def _words(calibrated: Intervals | ClassSets) -> tuple[str, str, str]:
    """Return the title, the method that gives them, and what their size is called."""
    if isinstance(calibrated, Intervals):
        return "Intervals", "predict_interval", "mean width"
    return "Sets of classes", "predict_set", "mean number of classes"


def _of_targets(pairs: Sequence[tuple[str, Intervals | ClassSets]]) -> ReportTable:
    """Return a table of intervals, or of sets, with a row for each target."""
    first = pairs[0][1]
    what, method, size = _words(first)
    about = (
        f"What {method} gives, tried on rows that were held out: how often the true one is covered where so much is "
        f"asked for, of each target by itself, and the {size} at {WIDTH_AT:.0%}. The {first.n_units:,} "
        f"{'groups' if first.by_group else 'rows'} can promise a coverage of up to {first.promised:.2%}."
    )
    rows = []
    for name, each in pairs:
        by_asked = {one.asked: one for one in each.achieved}
        shares = [f"{by_asked[asked].covered:.1%}" for asked in SHOWN]
        rows.append((name, *shares, number(by_asked[WIDTH_AT].size, 4)))
    heads = ("target", *(f"asked {asked:.0%}" for asked in SHOWN), f"{size} at {WIDTH_AT:.0%}")
    return ReportTable(f"{what} of each target", about, heads, tuple(rows))
