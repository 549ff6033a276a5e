"""Look over the table, once before the first fit: what is odd about it, and what later tables are compared with."""

from __future__ import annotations

from dataclasses import dataclass

from automl.steps.audit.audit_table import audit_table
from automl.steps.audit.profile_table import profile_table
from automl.steps.audit.tell_target import tell_target
from automl.table.columns.encode_table import encode_table
from automl.table.take_table import TakenTable
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.profile import TableProfile
from automl.vocabulary.schema import ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings


@dataclass(frozen=True, slots=True)
class LookedOver:
    """What was noticed about the table, and what its columns looked like."""

    findings: tuple[Finding, ...]
    profile: TableProfile


def look_over(
    table: TakenTable,
    dataset: Dataset,
    plan: ResamplingPlan,
    settings: SearchSettings,
    found: tuple[Finding, ...] = (),
) -> LookedOver:
    """Audit the table, and keep of each column what later tables will be compared with; nothing is changed.

    `found` is what was noticed before, which stands with the rest.
    """
    new, seed = table.unlabeled, settings.random_state
    compared = Schema(tuple(column for column in dataset.schema.columns if column.kind is not ColumnKind.IMAGE))
    stored = None if new is None else encode_table(new, compared)
    told = (*table.findings, *found, *tell_target(dataset, table.target, settings.task))
    findings = (*told, *audit_table(dataset, plan, table.notes, stored, settings.time_limit, seed))
    return LookedOver(
        findings=tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.WARNING)),
        profile=profile_table(dataset.features, table.features, dataset.schema, seed),
    )
