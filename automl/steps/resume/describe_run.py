"""Describe the run: what a search is of, as plain facts, so that another call can be compared with it."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from automl.registry import Registry
from automl.steps.plan.given import Search
from automl.steps.plan.options import OPTIONS
from automl.steps.plan.understand import Understood
from automl.storage.versions import versions_behind
from automl.table.take_table import TakenTable
from automl.vocabulary.folds import ResamplingPlan
from automl.vocabulary.settings import SearchSettings

Facts: TypeAlias = dict[str, dict[str, str]]
"""Facts by what they are about: "table", "folds", "setting", "plugin", "version"; each a name and a text."""

FREE = (*(option.field for option in OPTIONS.values() if option.may_change), "seeded", "most_slots", "memory_each_mb")
"""Settings that may differ where a search goes on: how long it goes on, and with what; of `cv` the folds tell."""
MOST_TOLD = 6
"""So many columns that differ are named."""


def describe_run(asked: Understood, search: Search) -> Facts:
    """Return all that the fits of a search follow from."""
    plan, registry = asked.plan, search.registry
    return {
        "table": _describe_table(asked.table),
        "folds": {"folds": f"{plan.n_folds} ({plan.description}) {_digest(*_rows(plan))}"},
        "setting": _describe_settings(search.settings),
        "plugin": {record.name: _describe_plugin(registry, record.name) for record in registry.plugins},
        "version": versions_behind(asked.models.values()),
    }


def limits_of(settings: SearchSettings) -> dict[str, str]:
    """Return the settings that say when a search has ended."""
    return {name: repr(getattr(settings, name)) for name in ("time_limit", "max_trials")}


def differences(there: Mapping[str, Mapping[str, str]], here: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return what differs between two descriptions, one text each; none where they are of one search."""
    told = _table_differences(there.get("table", {}), here["table"])
    if there.get("folds") != here["folds"]:
        told.append("the folds, which follow from the rows and cv, or from time_limit and n_jobs where cv is None")
    for about in ("setting", "plugin", "version"):
        told += [f"{about} {each}" for each in changes(there.get(about, {}), here[about])]
    return told


def changes(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    """Return each name with what it was there and is here, where the two differ."""
    names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    return [f"{name}: {there.get(name, 'none')} there, {here.get(name, 'none')} here" for name in names]


def _table_differences(there: Mapping[str, str], here: Mapping[str, str]) -> list[str]:
    told = (
        [] if there.get("rows") == here["rows"] else [f"the table: {there.get('rows')} rows there, {here['rows']} here"]
    )
    names = [name for name in {**there, **here} if name != "rows" and there.get(name) != here.get(name)]
    if names:
        more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
        told.append(f"the table: the values or types of {', '.join(names[:MOST_TOLD])}{more}")
    return told


def _describe_table(table: TakenTable) -> dict[str, str]:
    found = {f"{name!r}": _digest_column(column) for name, column in table.features.items()}
    besides = {"weights": table.weights, "groups": table.groups, "time": table.time}
    found |= {name: _digest_column(pd.Series(values)) for name, values in besides.items() if values is not None}
    if isinstance(table.target, pd.Series):
        targets = {"the target": f"{table.target_name!r} {_digest_column(table.target)}"}
    else:
        targets = {f"the target {name!r}": _digest_column(values) for name, values in table.target.items()}
    return {"rows": str(len(table.features)), **targets, **found}


def _digest_column(column: pd.Series) -> str:
    try:
        hashed = pd.util.hash_pandas_object(column, index=False, categorize=False).to_numpy()
    except (TypeError, UnicodeEncodeError):  # values that cannot be hashed, such as lists and half a character
        spelled = np.array([ascii(value) for value in column], dtype=object)
        hashed = pd.util.hash_array(spelled, categorize=False)
    is_ordered = isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered
    order = [ascii(column.dtype.categories.tolist()).encode()] if is_ordered else []
    return f"{column.dtype} {_digest(hashed.tobytes(), *order)}"


def _rows(plan: ResamplingPlan) -> Iterable[bytes]:
    for fold in plan.folds:
        yield np.ascontiguousarray(fold.train, dtype=np.int64).tobytes()
        yield np.ascontiguousarray(fold.valid, dtype=np.int64).tobytes()


def _describe_settings(settings: SearchSettings) -> dict[str, str]:
    found = {each.name: _describe(getattr(settings, each.name)) for each in fields(settings) if each.name not in FREE}
    return {**found, "end": "by count" if settings.time_limit is None else "by time"}


def _describe(value: Any) -> str:
    """Return a text that is the same in another process: of a function its code counts, of an object what it shows."""
    code = getattr(inspect.unwrap(value) if callable(value) else value, "__code__", None)
    if isinstance(code, CodeType):
        return f"{value.__module__}.{value.__qualname__} {_digest(*_code(code))}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _code(code: CodeType) -> Iterable[bytes]:
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield repr(constant).encode()


def _describe_plugin(registry: Registry, name: str) -> str:
    """Return package, version, what is offered, and a hash of the source: a plugin's author changes it often."""
    record, plugin = registry.records[name], registry.manager.get_plugin(name)
    offers = _digest(*(each.encode() for each in record.offers))
    source = "" if plugin is None else _source(plugin if isinstance(plugin, ModuleType) else type(plugin))
    return " ".join(each for each in (record.package, record.version, offers, source) if each)


def _source(thing: ModuleType | type[Any]) -> str:
    try:
        if isinstance(thing, ModuleType):
            return _digest(Path(str(thing.__file__)).read_bytes())
        return _digest(inspect.getsource(thing).encode())
    except (OSError, TypeError):  # typed into a session, or compiled
        return ""


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:12]
