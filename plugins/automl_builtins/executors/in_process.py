"""In-process executor: runs each function at once in the controller, for debugging and for tiny tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from automl.plugin_api import (
    ExecutorRequest,
    ExecutorSpec,
    LocalWorkplace,
    Ref,
    Slot,
    Started,
    discard_locally,
    fetch_locally,
    hookimpl,
    publish_locally,
)

T = TypeVar("T")


class InProcessExecutor:
    """Runs functions in this process; a breakpoint in a model is reached, a crash is not survived."""

    def __init__(self, request: ExecutorRequest) -> None:
        """Remember where functions may leave what they make, and how many cores they have."""
        self._place = LocalWorkplace(request.folder)
        self._slot = request.slots()[0]

    def start(self) -> None:
        """Nothing needs to be brought up."""

    def slots(self) -> tuple[Slot, ...]:
        """Return the one place that there is."""
        return (self._slot,)

    def submit(  # one place, and nobody who could end a function
        self,
        slot: Slot,  # noqa: ARG002
        function: Callable[..., T],
        *arguments: Any,
        seconds: float = math.inf,  # noqa: ARG002
    ) -> Started[T]:
        """Run the function now; the future is done when this returns."""
        future: Future[T] = Future()
        try:
            future.set_result(function(self._place, *arguments))
        except (Exception, SystemExit) as error:  # as a worker process would survive it
            future.set_exception(error)
        return Started(future)

    def publish(self, name: str, files: Mapping[str, Path]) -> Ref:
        """Name files, which are seen from here."""
        return publish_locally(name, files)

    def fetch(self, put: Ref) -> bytes:
        """Read what a function has written."""
        return fetch_locally(put)

    def discard(self, put: Ref) -> None:
        """Remove what a function has written."""
        discard_locally(put)

    def kill(self, slot: Slot) -> None:
        """Do nothing: when this is called, nothing runs."""

    def memory_mb(self, slot: Slot, *, quick: bool = False) -> None:
        """Tell of nothing: there is no process but this one."""

    def close(self) -> None:
        """Nothing is left running."""


def build_in_process(request: ExecutorRequest) -> InProcessExecutor:
    """Build the executor."""
    return InProcessExecutor(request)


IN_PROCESS = ExecutorSpec(name="in_process", build=build_in_process, isolated=False)


@hookimpl
def automl_executors() -> list[ExecutorSpec]:
    """Offer the executor."""
    return [IN_PROCESS]
