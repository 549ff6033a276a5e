"""Log the folds: every finished fit is written down at once, so that a search that was killed goes on from there."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

from automl.errors import ArtifactError
from automl.plugin_api.protocols import Proposal
from automl.plugin_api.write_whole import write_whole
from automl.steps.fit.fit_fold import ALL_ROWS, FoldJob
from automl.storage.decode import decode
from automl.storage.encode import UnencodableError, encode
from automl.storage.known_classes import known_classes
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import Failure, FoldResult
from automl.vocabulary.states import Lack, Stage

LOG = "folds.log"
SYNC_SECONDS = 1.0
"""What a power cut may cost: older lines are on the disk. A killed process costs no line."""
LASTING = (Stage.BUILD, Stage.FIT, Stage.PREDICT)
"""Stages whose failures are a model's own; others, such as a full disk, may not come again."""
NO_PREDICTIONS = np.empty((0, 0), dtype=np.float32)
Fetch: TypeAlias = Callable[[Ref], bytes]
Key: TypeAlias = tuple[str, int, float, str]


@dataclass(frozen=True, slots=True)
class LoggedFold:
    """One line of the log: which fit it was, and what came of it, without the predictions."""

    proposal: Proposal
    key: Key
    result: FoldResult | Failure
    predictions: str = ""
    """The file of the predictions."""


class FoldLog:
    """An append-only file with one line a fit: a checksum, and as JSON which fit it was and what came of it.

    Predictions and fitted members are files beside it, which a line names with their sha256. A line or file that is
    torn or was changed is passed over: that fit is made again. Where the disk is full nothing more is written,
    `stopped` says why, and the search goes on.
    """

    def __init__(self, folder: Path) -> None:
        """Read what an earlier search has written to this folder."""
        self._folder = folder
        self._path = folder / LOG
        self._known = known_classes(())
        self._lines: dict[Key, LoggedFold] = {line.key: line for line in self._read()}
        self._synced = 0.0
        self._one_at_a_time = Lock()  # each slot of an executor may report from a thread of its own
        self.stopped = ""
        self.n_recalled = 0

    def __len__(self) -> int:
        """Return how many finished fits are known."""
        return sum(isinstance(line.result, FoldResult) for line in self._lines.values())

    def recall(self, job: FoldJob) -> FoldResult | Failure | None:
        """Return what came of a fit before; None where it is still to be made."""
        line = self._lines.get(_key(job))
        try:
            return None if line is None else self.load(line)
        except OSError:  # its predictions are gone since
            return None

    def knows(self, job: FoldJob) -> bool:
        """Tell whether a fit was made before."""
        return _key(job) in self._lines

    def load(self, line: LoggedFold) -> FoldResult | Failure:
        """Return what came of a logged fit, with its predictions."""
        if isinstance(line.result, Failure):
            return line.result
        predictions = np.load(self._folder / line.predictions, allow_pickle=False)
        self.n_recalled += 1
        return replace(line.result, predictions=predictions)

    def candidates(self) -> list[list[LoggedFold]]:
        """Return the fits of each candidate on its folds, in the order in which the candidates were begun."""
        found: dict[str, list[LoggedFold]] = {}
        for line in self._lines.values():
            if line.result.fold is not None and line.result.fold != ALL_ROWS:
                found.setdefault(line.key[0], []).append(line)
        return list(found.values())

    def add(self, job: FoldJob, result: FoldResult | Failure, fetch: Fetch) -> FoldResult | Failure:
        """Write down what came of a fit; return it with its member in the log's folder, if it is there now."""
        if self.stopped or (isinstance(result, Failure) and not _is_lasting(result)):
            return result
        try:
            with self._one_at_a_time:
                result = self._brought_here(result, fetch)
                self._append(self._line(job, result))
        except UnencodableError:  # hyperparameters of a kind that cannot be written: this fit may be made again
            pass
        except OSError as error:
            self.stopped = str(error)
        return result

    def _brought_here(self, result: FoldResult | Failure, fetch: Fetch) -> FoldResult | Failure:
        """Fetch a member that lies elsewhere; a worker of this machine may have put it here at once."""
        if isinstance(result, Failure) or result.member is None:
            return result
        path = self._folder / Path(result.member.name).name
        if result.member.path != str(path):
            write_whole(path, fetch(result.member))
        return replace(result, member=Ref(path.name, str(path)))

    def _line(self, job: FoldJob, result: FoldResult | Failure) -> bytes:
        candidate = job.candidate
        files: dict[str, dict[str, Any]] = {}
        kept: FoldResult | Failure = result
        if isinstance(result, FoldResult) and result.member is not None:
            member = Path(result.member.path)
            name, data = f"{member.stem}.npy", _as_npy(result.predictions)
            (self._folder / name).write_bytes(data)
            files["predictions"] = {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            files["member"] = {
                "name": member.name, "bytes": member.stat().st_size, "sha256": result.member_sha256,
            }  # fmt: skip
            kept = replace(result, predictions=NO_PREDICTIONS, member=None)
        proposal = Proposal(candidate.model, dict(candidate.params), candidate.seed, candidate.origin)
        encoded = encode([proposal, kept], self._known)
        return json.dumps(
            {
                "key": _key(job),
                "files": files,
                "tree": encoded.tree,
                "blob": base64.b64encode(encoded.blob).decode(),
            },
            allow_nan=False,
        ).encode()

    def _append(self, line: bytes) -> None:
        due = time.monotonic() - self._synced >= SYNC_SECONDS
        with self._path.open("ab") as file:
            file.write(_checksum(line) + b" " + line + b"\n")
            file.flush()
            if due:
                os.fsync(file.fileno())
        if due:
            self._synced = time.monotonic()

    def _read(self) -> Iterator[LoggedFold]:
        if not self._path.exists():
            return
        data = self._path.read_bytes()
        for each in data.split(b"\n"):
            checksum, _, line = each.partition(b" ")
            if line and checksum == _checksum(line):
                with suppress(ArtifactError, ValueError, TypeError, LookupError, OSError):
                    yield self._parse(json.loads(line))
        if data and not data.endswith(b"\n"):  # torn while it was written; the next line begins anew
            with self._path.open("ab") as file:
                file.write(b"\n")

    def _parse(self, written: dict[str, Any]) -> LoggedFold:
        candidate_id, fold, rows_share, fixed = written["key"]
        proposal, result = decode(written["tree"], base64.b64decode(written["blob"]), self._known)
        key = (str(candidate_id), int(fold), float(rows_share), str(fixed))
        if isinstance(result, Failure):
            return LoggedFold(proposal, key, result)
        for facts in written["files"].values():
            self._check(facts)
        names = {what: facts["name"] for what, facts in written["files"].items()}
        result = replace(result, member=Ref(names["member"], str(self._folder / names["member"])))
        return LoggedFold(proposal, key, result, names["predictions"])

    def _check(self, facts: dict[str, Any]) -> None:
        """Raise a ValueError where a file is not what was written."""
        path = self._folder / Path(str(facts["name"])).name
        if path.stat().st_size != facts["bytes"]:
            raise ValueError(f"{path.name} has another size")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != facts["sha256"]:
                raise ValueError(f"{path.name} was changed")


def _key(job: FoldJob) -> Key:
    return (job.candidate.id, job.fold, job.rows_share, repr(sorted(job.fixed.items())))


def _is_lasting(failure: Failure) -> bool:
    """Tell whether a fit would fail again: not for want of memory or disk, nor with a worker that somebody ended."""
    return failure.stage in LASTING and failure.lacked == Lack.NOTHING


def _as_npy(predictions: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, predictions, allow_pickle=False)
    return stream.getvalue()


def _checksum(line: bytes) -> bytes:
    return hashlib.sha256(line).hexdigest()[:16].encode()
