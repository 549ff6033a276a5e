"""Remember fits: an executor that writes down every finished fit, and does not run what an earlier search has run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from automl.plugin_api.executors import Executor, Slot, Started, Workplace
from automl.plugin_api.local_work import fetch_locally
from automl.steps.fit.fit_fold import FoldJob, fit_fold
from automl.steps.resume.log_folds import FoldLog
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import Failure, FoldResult

T = TypeVar("T")


class RememberingExecutor:
    """Stands before another executor. What has come back from it is in the log already."""

    def __init__(self, executor: Executor, log: FoldLog) -> None:
        """Stand before an executor that is started and closed by others."""
        self._executor = executor
        self._log = log

    def start(self) -> None:
        """Begin to bring up the slots."""
        self._executor.start()

    def slots(self) -> tuple[Slot, ...]:
        """Return what there is to run on."""
        return self._executor.slots()

    def submit(self, slot: Slot, function: Callable[..., T], *arguments: Any, seconds: float = math.inf) -> Started[T]:
        """Run a function on a slot; the future of a fit that is known is done at once."""
        future: Future[Any] = Future()
        job = arguments[0] if arguments and isinstance(arguments[0], FoldJob) else None
        known = None if job is None else self._log.recall(job)
        if known is not None:
            future.set_result(known)
            return Started(future)
        inner = self._executor.submit(slot, function, *arguments, seconds=seconds)
        inner.future.add_done_callback(lambda done: self._hand_on(job, done, future))
        return replace(inner, future=future)

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Have files found wherever functions run."""
        return self._executor.publish(name, files)

    def fetch(self, put: Ref) -> bytes:
        """Return what a function has put."""
        return self._executor.fetch(put)

    def discard(self, put: Ref) -> None:
        """Let go of what a function has put."""
        self._executor.discard(put)

    def kill(self, slot: Slot) -> None:
        """End whatever the slot runs."""
        self._executor.kill(slot)

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> float | None:
        """Return what a slot's worker takes."""
        return self._executor.memory_mb(slot, quick=quick)

    def close(self) -> None:
        """End all slots."""
        self._executor.close()

    def __getattr__(self, name: str) -> Any:
        """Return what only some executors have, such as what they tell of their machines."""
        return getattr(self._executor, name)

    def _hand_on(self, job: FoldJob | None, done: Future[Any], future: Future[Any]) -> None:
        """Write down what came of a fit, with its member, then pass it on."""
        if done.cancelled():
            future.cancel()
            future.set_running_or_notify_cancel()
            return
        error = done.exception()
        if error is not None:
            future.set_exception(error)
            return
        result = done.result()
        with suppress(Exception):  # whatever is wrong with the log, the fit counts
            if job is not None:
                result = self._log.add(job, result, self._executor.fetch)
                self._let_go(done.result(), result)
        future.set_result(result)

    def _let_go(self, before: FoldResult | Failure, now: FoldResult | Failure) -> None:
        """Have the executor let go of a member that it kept elsewhere, and that lies here now."""
        if isinstance(before, Failure) or isinstance(now, Failure) or before.member is None:
            return
        if now.member != before.member and not before.member.path:
            self._executor.discard(before.member)


def remembered_fit(place: Workplace, job: FoldJob, log: FoldLog | None) -> FoldResult | Failure:
    """Fit here and now, or return what came of it before."""
    if log is None:
        return fit_fold(place, job)
    known = log.recall(job)
    return log.add(job, fit_fold(place, job), fetch_locally) if known is None else known
