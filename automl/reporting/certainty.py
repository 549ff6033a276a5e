"""Certainty: what a report tells of a model's intervals or sets: the coverages asked for, and what they came to."""

from __future__ import annotations

from automl.fitted.class_sets import ClassSets
from automl.fitted.intervals import Intervals
from automl.reporting.page import number
from automl.vocabulary.review import ReportTable


def tell_certainty(calibrated: Intervals | ClassSets | None) -> tuple[ReportTable, ...]:
    """Return the table of coverages; none where nothing was kept, or rows were too few to try them."""
    if calibrated is None or not calibrated.achieved:
        return ()
    what, method, size = (
        ("Intervals", "predict_interval", "mean width")
        if isinstance(calibrated, Intervals)
        else ("Sets of classes", "predict_set", "mean number of classes")
    )
    units = "groups" if calibrated.by_group else "rows"
    about = (
        f"What {method} gives, tried on rows that were held out: how often the true one is covered, and the {size}. "
        f"The {calibrated.n_units:,} {units} can promise a coverage of up to {calibrated.promised:.2%}."
    )
    rows = [(f"{each.asked:.0%}", f"{each.covered:.1%}", number(each.size, 4)) for each in calibrated.achieved]
    return (ReportTable(what, about, ("coverage asked", "covered", size), tuple(rows)),)
