"""The table is looked over once: findings with the warnings first, and what later tables are compared with."""

from dataclasses import replace

import numpy as np
import pytest

from automl.plugin_api import hookimpl
from automl.steps.audit.audit_given import audit_given
from automl.table.take_table import Extras
from automl.vocabulary.events import TableAudited
from automl.vocabulary.findings import Severity
from tests.automl.steps.searches import opened
from tests.tables import binary_table


class Told:
    """Keeps what watchers are told."""

    def __init__(self):
        self.events = []

    @hookimpl
    def automl_event(self, event):
        self.events.append(event)


@pytest.fixture(scope="module")
def seen():
    frame = binary_table(80)
    frame["tells"] = (frame["bought"] == "yes") * 2.0 + np.linspace(0, 0.1, 80)
    frame["row"] = np.arange(80)
    told = Told()
    with opened(frame, "bought", Extras(unlabeled=frame.drop(columns="bought")), [told]) as search:
        before = search.table.dataset.features.copy()
        found = audit_given(search.asked, search.table, search.search)
        same = before.equals(search.table.dataset.features)
    return found, told, same


def test_warnings_come_first_and_a_leak_is_one(seen):
    severities = [finding.severity for finding in seen[0].findings]
    assert severities == sorted(severities, key=lambda each: each is not Severity.WARNING)
    assert ("leak", "tells") in {(finding.topic, finding.column) for finding in seen[0].findings}


def test_every_stored_column_is_profiled_and_none_is_changed(seen):
    found, _, same = seen
    assert same
    profiled = {column.name: column for column in found.profile.columns}
    assert profiled["age"].n_known == 80
    assert 0 < profiled["income"].missing < 0.3


def test_the_watchers_are_told_the_same(seen):
    (event,) = (event for event in seen[1].events if isinstance(event, TableAudited))
    assert event.findings == seen[0].findings


def test_a_task_that_breaks_while_it_looks_costs_its_findings_alone_and_is_listed():
    def breaks(*_):
        raise KeyError("gone")

    with opened(binary_table(80), "bought") as search:
        asks = replace(search.asked.asks, tells=breaks, audit=breaks)
        found = audit_given(replace(search.asked, asks=asks), search.table, search.search)
        failures = search.search.registry.failures
    assert found.profile.columns
    assert [(each.stage, each.cause) for each in failures] == [("task", "KeyError: 'gone'")] * 2
