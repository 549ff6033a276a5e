"""Write the record: everything that it takes to tell, later, how a submission was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automl.competition.nouns import Outputs, Tables, Wishes
from automl.competition.prepare import Prepared
from automl.competition.write_files import write_atomically

KIND, FORMAT = "automl competition run", 1
BLOCK = 2**20


def write_record(prepared: Prepared, wishes: Wishes, outputs: Outputs, facts: Mapping[str, Any]) -> None:
    """Write the run's record as JSON; `facts` are what the fit and the blend have to say."""
    tables, columns, wanted = prepared.tables, prepared.columns, prepared.wanted
    record = {
        "kind": KIND,
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        **facts,
        "task": wanted.task.kind.value,
        "target": wanted.told_target,
        "classes": list(wanted.task.classes),
        "positive": wanted.asked_class,
        "submitted": [each.form.value for each in wanted.each] or wanted.form.value,
        "time_column": wishes.time_column,
        "groups": wishes.groups,
        "columns": {
            "id": [list(pair) for pair in columns.keys],
            "target": list(columns.one_hot or columns.several) or columns.target,
            "submitted": list(wanted.columns),
            "features": list(columns.features),
        },
        "found": {guess.what: {"value": guess.value, "reason": guess.reason} for guess in prepared.guesses},
        "read": {part: _described(path) for part, path in _read_paths(tables).items()},
        "blended_files": [_described(path) for path in wishes.blend if path.is_file()],
        "written_files": {
            "submission": _described(outputs.submission),
            "out_of_fold": _described(outputs.out_of_fold),
            "test_predictions": _described(outputs.test_predictions),
        },
    }
    write_atomically(outputs.record, json.dumps(record, indent=1, default=str) + "\n")


def _read_paths(tables: Tables) -> dict[str, Path | None]:
    sample = None if tables.sample is None else tables.sample.path
    return {"train": tables.train.path, "test": tables.test.path, "sample": sample}


def _described(path: Path | None) -> dict[str, Any] | None:
    """Return a file's name, size and sha256; None where there is no file."""
    if path is None:
        return None
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}
