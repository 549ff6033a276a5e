"""Follow the slots: what an executor offers now, asked about once a second, and what of it is used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from automl.plugin_api.executors import Executor, Slot
from automl.steps.trials.assign_resources import Assignment

EVERY_SECONDS = 1.0


class Offer:
    """The slots of a search as they are now: machines may come, and go."""

    def __init__(
        self,
        executor: Executor,
        assign: Callable[[Sequence[Slot]], Assignment],
        note: str = "",
        tell: Callable[[Assignment, Assignment], None] | None = None,
    ) -> None:
        """Take what is offered now; `assign` says what is used of it, `note` why that is another executor's.

        `tell` is called with what was used before and what is from now on.
        """
        self._executor, self._assign, self._tell = executor, assign, tell
        self._offered = executor.slots()
        self.assignment = replace(assign(self._offered), note=note)
        """What is used; that of the last time there was any, without its slots, where nothing is offered."""
        # Others are asked again at once when the table is published, which not all of them have by then.
        self._due = 0.0 if self.comes_and_goes else time.monotonic() + EVERY_SECONDS

    @property
    def comes_and_goes(self) -> bool:
        """Whether other machines take part, which may."""
        return any(host for host in self.assignment.memory_of)

    def look(self, *, at_once: bool = False) -> bool:
        """Ask again, where that is due or `at_once`, and tell whether other slots are used from now on."""
        now = time.monotonic()
        if now < self._due and not at_once:
            return False
        self._due = now + EVERY_SECONDS
        offered = self._executor.slots()
        if offered is self._offered or offered == self._offered:
            return False
        self._offered = offered
        before = self.assignment
        now_used = self._assign(offered) if offered else replace(before, cores=(), gpus=())
        self.assignment = replace(now_used, note=before.note)
        if self._tell is not None:
            self._tell(before, self.assignment)
        return True
