"""Audit what was given, once before the first fit: what is odd about it, and what later tables are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from automl.steps.audit.audit_table import audit_table
from automl.steps.audit.profile_table import profile_table
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.given import Search
from automl.steps.plan.read_targets import read_targets
from automl.steps.plan.understand import Understood
from automl.table.columns.encode_table import encode_table
from automl.vocabulary.events import TableAudited
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.profile import TableProfile
from automl.vocabulary.schema import ColumnKind, Schema


@dataclass(frozen=True, slots=True)
class Audit:
    """What was noticed about the table, and what its columns looked like."""

    findings: tuple[Finding, ...]
    profile: TableProfile


def audit_given(asked: Understood, table: EncodedTable, search: Search) -> Audit:
    """Audit the table, and keep of each column what later tables will be compared with; nothing is changed."""
    given, dataset, settings = asked.table, table.dataset, search.settings
    new, seed = given.unlabeled, settings.random_state
    compared = Schema(tuple(column for column in dataset.schema.columns if column.kind is not ColumnKind.IMAGE))
    stored = None if new is None else encode_table(new, compared)
    column = read_targets(given.target, given.target_name, asked.named_task)
    tells, odd = asked.asks.tells, asked.asks.audit
    taken = () if tells is None else _said(asked, search, lambda: tells(column, dataset))
    of_target = () if odd is None else _said(asked, search, lambda: odd(dataset, asked.plan.n_folds))
    around = audit_table(dataset, asked.plan, given.notes, stored, settings, of_target)
    findings = (*given.findings, *table.image_findings, *taken, *around)
    audit = Audit(
        findings=tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.WARNING)),
        profile=profile_table(dataset.features, given.features, dataset.schema, seed),
    )
    search.registry.tell(TableAudited(search.elapsed(), audit.findings))
    return audit


def _said(asked: Understood, search: Search, call: Callable[[], Iterable[Finding]]) -> tuple[Finding, ...]:
    """Return what the task finds; one that breaks finds nothing, and is listed under `failures()`."""
    return search.registry.ask_task(asked.asks, lambda: tuple(call()), otherwise=())
