"""What is set aside or read by its parts is told, with how to have it otherwise."""

from __future__ import annotations

import pytest

from automl.table.columns.note_columns import column_findings, column_notes
from tests.automl.table.columns.test_settle_columns import SCHEMA, parts_of


@pytest.mark.parametrize("name", ["uuid", "key"])
def test_strings_that_tell_nothing_are_set_aside_with_a_visible_note_and_advice(name):
    assert parts_of(SCHEMA, name) == set()
    assert name not in SCHEMA.needed
    finding = next(each for each in column_findings(SCHEMA) if each.column == name)
    assert finding.topic == "identifier"
    assert f"AutoML(columns={{'{name}': 'categorical'}})" in finding.advice
    assert f"'{name}'" in column_notes(SCHEMA)[0]


def test_what_is_read_by_parts_is_told():
    findings = {each.column: each for each in column_findings(SCHEMA)}
    assert findings["mail"].topic == "parts"
    assert "e-mail addresses" in findings["mail"].found
    assert "domain" in findings["mail"].done
    assert findings["joint"].topic == "text"
    assert "'mail'" in column_notes(SCHEMA)[1]
