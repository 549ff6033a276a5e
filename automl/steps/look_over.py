"""Look over the table, once before the first fit: what is odd about it, and what later tables are compared with."""

from __future__ import annotations

from dataclasses import dataclass

from automl.steps.audit_table import audit_table
from automl.steps.encode_table import encode_table
from automl.steps.profile_table import profile_table
from automl.steps.take_table import TakenTable
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Finding
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.profile import TableProfile
from automl.vocabulary.settings import SearchSettings


@dataclass(frozen=True, slots=True)
class LookedOver:
    """What was noticed about the table, and what its columns looked like."""

    findings: tuple[Finding, ...]
    profile: TableProfile


def look_over(table: TakenTable, dataset: Dataset, plan: ResamplingPlan, settings: SearchSettings) -> LookedOver:
    """Audit the table, and keep of each column what later tables will be compared with; nothing is changed."""
    new, seed = table.unlabeled, settings.random_state
    stored = None if new is None else encode_table(new, dataset.schema)
    return LookedOver(
        findings=audit_table(dataset, plan, table.notes, stored, settings.time_limit, seed),
        profile=profile_table(dataset.features, table.features, dataset.schema, seed),
    )
