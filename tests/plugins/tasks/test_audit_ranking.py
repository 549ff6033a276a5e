"""What is unusual about queries is told: no relevant row, a single row, rows that are all alike, and few queries."""

import numpy as np
import pandas as pd

from automl.plugin_api import Dataset, Schema, Severity
from automl_builtins.tasks._audit_ranking import audit_queries
from tests.plugins.tasks.test_ranking import taken


def audited(relevance, groups):
    task, target = taken(relevance)
    frame = pd.DataFrame(index=range(len(target)))
    groups = None if groups is None else np.asarray(groups)
    return list(audit_queries(Dataset(frame, target, Schema(()), task, np.arange(len(target)), groups=groups), 5))


def test_queries_without_a_relevant_row_of_one_row_and_of_rows_alike_are_told():
    found = audited([0, 0, 1, 2, 2, 0, 1], [0, 0, 1, 2, 2, 3, 3])
    told = {each.found: each.severity for each in found}
    assert told["1 of 4 queries have no relevant row"] is Severity.WARNING
    assert told["1 of 4 queries have a single row"] is Severity.NOTE
    assert told["in 1 of 4 queries all rows are as relevant"] is Severity.NOTE
    assert told["3 queries have a relevant row"] is Severity.WARNING


def test_that_most_queries_have_a_single_row_is_a_warning():
    told = {each.found: each.severity for each in audited([1, 0, 1, 0], [0, 1, 2, 2])}
    assert told["2 of 3 queries have a single row"] is Severity.WARNING


def test_many_plain_queries_are_nothing_unusual():
    assert audited(np.tile([0, 1, 0], 40), np.repeat(np.arange(40), 3)) == []
    assert audited([0, 1], None) == []
