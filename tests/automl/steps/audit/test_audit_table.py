"""The audit tells of leaks, keys, twins and shifts with their figures, and changes nothing."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from automl.registry import discover
from automl.steps.audit.audit_table import audit_table
from automl.steps.plan.plan_resampling import stratified
from automl.table.columns.encode_table import encode_table
from automl.table.columns.type_columns import type_columns
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.findings import Severity
from automl.vocabulary.task import Task, TaskKind

REGISTRY = discover()


def audited(frame, target, unlabeled=None, *, time_limit=None, groups=None, notes=()):
    target = np.asarray(target)
    is_number = target.dtype.kind == "f"
    classes = () if is_number else tuple(np.unique(target).tolist())
    kind = TaskKind.REGRESSION if is_number else TaskKind.BINARY if len(classes) == 2 else TaskKind.MULTICLASS
    encoded = target if is_number else np.searchsorted(classes, target)
    schema = type_columns(frame, REGISTRY)
    stored = encode_table(frame, schema)
    dataset = Dataset(stored, encoded, schema, Task(kind, "y", classes), np.arange(len(frame)), groups=groups)
    plan = stratified(dataset, 3, np.random.default_rng(0))
    new = None if unlabeled is None else encode_table(unlabeled, schema)
    settings = SimpleNamespace(time_limit=time_limit, random_state=0)
    odd = REGISTRY.task_spec(kind).audit
    of_target = () if odd is None else tuple(odd(dataset, plan.n_folds))
    return audit_table(dataset, plan, notes, new, settings, of_target)


def about(findings, topic):
    return [finding for finding in findings if finding.topic == topic]


def noise(n_rows=300, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"a": rng.normal(size=n_rows), "b": rng.choice(list("xyz"), n_rows)}), rng


def test_a_table_with_nothing_unusual_has_no_findings():
    frame, rng = noise()
    assert audited(frame, (frame["a"] + rng.normal(size=300) > 0).map({True: "yes", False: "no"})) == ()
    assert audited(frame, rng.normal(size=300)) == ()


@pytest.mark.parametrize("share", [0.5, 0.02])
@pytest.mark.parametrize(
    "leak",
    [
        lambda y, rng: y * 3.0 + rng.normal(0, 0.1, len(y)),
        lambda y, rng: np.where(y == 1, "paid", "open"),
        lambda y, rng: np.where(y == 1, rng.normal(size=len(y)), np.nan),
        lambda y, rng: pd.to_datetime("2020-01-01") + pd.to_timedelta(y * 100 + rng.integers(0, 9, len(y)), unit="D"),
    ],
    ids=["number", "category", "missing", "date"],
)
def test_a_column_that_tells_the_class_is_a_leak_even_of_a_rare_class(leak, share):
    frame, rng = noise(2000)
    y = (rng.random(2000) < share).astype(int)
    [found] = about(audited(frame.assign(told=leak(y, rng)), y), "leak")
    assert (found.severity, found.column) == (Severity.WARNING, "told")
    assert "drop(columns=['told'])" in found.advice


def test_a_column_that_tells_a_number_is_a_leak_on_any_scale():
    frame, rng = noise(1000)
    y = rng.lognormal(0, 3, 1000)
    [found] = about(audited(frame.assign(told=np.log(y) * 5), y), "leak")
    assert found.column == "told"


def test_a_strong_but_honest_column_is_no_leak():
    frame, rng = noise(2000)
    y = frame["a"] * 2 + rng.normal(0, 0.5, 2000)
    assert about(audited(frame, y.to_numpy()), "leak") == []
    assert about(audited(frame, (y > 0).astype(int)), "leak") == []


def test_a_leak_beside_another_strong_column_is_a_note():
    frame, rng = noise(1000)
    y = rng.integers(0, 2, 1000)
    frame = frame.assign(told=y * 1.0, near=np.where(rng.random(1000) < 0.01, 1 - y, y) + rng.normal(0, 0.01, 1000))
    [found] = about(audited(frame, y), "leak")
    assert found.severity is Severity.NOTE


def test_few_rows_are_not_looked_at_for_leaks():
    frame, _ = noise(20)
    assert about(audited(frame.assign(told=np.arange(20) % 2 * 1.0), np.arange(20) % 2), "leak") == []


def test_without_time_the_columns_that_were_not_looked_at_are_counted():
    frame, rng = noise()
    [found] = about(audited(frame, rng.integers(0, 2, 300), time_limit=1e-9), "audit")
    assert "2 of 2 columns" in found.found


def test_keys_are_told_of_whether_they_are_set_aside_or_kept():
    frame, rng = noise()
    frame = frame.assign(
        id=np.arange(300),
        customer_id=rng.permutation(300),
        code=[f"k{i}" for i in range(300)],
        idx=np.where(np.arange(300) == 7, np.nan, rng.permutation(9_000)[:300]),
        seen=np.arange(300)[::-1],
        height=rng.permutation(9_000)[:300],
    )
    found = {finding.column: finding for finding in about(audited(frame, rng.integers(0, 2, 300)), "identifier")}
    assert set(found) == {"id", "customer_id", "code", "idx", "seen"}
    assert found["seen"].found.endswith("without a gap")
    assert found["customer_id"].done == "kept as a number"
    assert found["id"].done == found["code"].done == "set aside; no model sees it"


def test_a_constant_column_is_told_of():
    frame, rng = noise()
    [found] = about(audited(frame.assign(same=1), rng.integers(0, 2, 300)), "set aside")
    assert (found.column, found.found) == ("same", "constant")


def test_copies_are_found_though_a_number_of_the_row_stands_beside_them():
    frame, rng = noise(200)
    twice = pd.concat([frame, frame.iloc[:50]], ignore_index=True).assign(nr0=rng.permutation(250))
    [found] = about(audited(twice, rng.integers(0, 2, 250)), "duplicates")
    assert found.found.startswith("40.0% of the rows")


def test_copies_are_counted_with_those_that_contradict_and_those_that_cross_a_fold():
    frame, rng = noise(200)
    y = rng.integers(0, 2, 200)
    twice = pd.concat([frame, frame.iloc[:50]], ignore_index=True)
    target = np.append(y, np.where(np.arange(50) < 10, 1 - y[:50], y[:50]))
    [found] = about(audited(twice, target), "duplicates")
    assert found.severity is Severity.WARNING
    assert found.found.startswith(
        "40.0% of the rows have the same features as another row; 8.0% of all rows have a twin"
    )
    assert "groups" in found.advice


def test_tables_that_look_alike_are_not_told_apart():
    (old, rng), (new, _) = noise(500), noise(400, seed=1)
    [found] = about(audited(old, rng.integers(0, 2, 500), new), "shift")
    assert found.severity is Severity.NOTE
    assert float(found.found.split("curve of ")[1][:5]) < 0.6


def test_the_column_that_tells_the_tables_apart_is_named():
    (old, rng), (new, _) = noise(500), noise(400, seed=1)
    [found] = about(audited(old, rng.integers(0, 2, 500), new.assign(a=new["a"] + 3)), "shift")
    assert (found.severity, found.column) == (Severity.WARNING, "a")


def test_dropped_rows_are_among_the_notes_and_warnings_come_first():
    frame, rng = noise()
    y = rng.integers(0, 2, 300)
    found = audited(frame.assign(told=y), y, notes=("3 rows have no target; dropped.",))
    assert [finding.topic for finding in found] == ["leak", "rows"]


def test_the_advice_about_a_part_names_the_column_that_it_comes_from():
    frame, rng = noise()
    y = rng.integers(0, 2, 300)
    codes = [f"{'AB' if up else 'CD'}-{number}" for up, number in zip(y, rng.permutation(90_000)[:300], strict=True)]
    found = next(each for each in about(audited(frame.assign(code=codes), y), "leak"))
    assert found.column == "code letters"
    assert "df.drop(columns=['code'])" in found.advice
