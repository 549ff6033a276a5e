"""Readings in doubt are told as findings and as notes, each with how to overrule it."""

from __future__ import annotations

import pandas as pd

from automl.table.columns.type_columns import type_columns
from automl.table.readings.note_readings import note_readings, reading_findings
from automl.vocabulary.findings import Severity
from tests.automl.table.columns.test_type_columns import no_plugins


def test_doubt_is_a_warning_and_a_note_that_say_how_to_overrule_it():
    schema = type_columns(pd.DataFrame({"pay": ["1,234", "22,345"] * 5, "x": range(10)}), no_plugins())
    (finding,) = reading_findings(schema)
    assert (finding.severity, finding.topic, finding.column) == (Severity.WARNING, "reading", "pay")
    (note,) = note_readings(schema)
    assert "'1,234' is 1,234 or 1.234" in note
    assert "decimal={'pay': ','}" in note


def test_advice_on_durations_is_about_durations():
    frame = pd.DataFrame({"x": [f"{row % 90}:{row % 60:02d}" for row in range(1, 80)], "y": range(79)})
    told = note_readings(type_columns(frame, no_plugins()))
    assert "read as hours and minutes. If that is wrong, write them with hours, minutes and seconds" in told[0]
