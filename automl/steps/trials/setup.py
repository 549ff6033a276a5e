"""Setup: what a search has fixed before its first trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automl.plugin_api.executors import Executor, Workplace
from automl.plugin_api.local_work import discard_locally, fetch_locally
from automl.steps.plan.encode_given import EncodedTable
from automl.steps.plan.given import Search
from automl.steps.resume.keep_run import Run
from automl.steps.resume.log_folds import FoldLog
from automl.steps.trials.assign_resources import Assignment
from automl.steps.trials.follow_slots import Offer
from automl.vocabulary.refs import Ref


@dataclass(frozen=True, slots=True)
class Setup:
    """What a search has fixed before its first trial; all trials share it."""

    search: Search
    """Options, plugins and clock."""
    table: EncodedTable
    """The rows, what scores their predictions, and the models to try on them."""
    executor: Executor
    """Where fits run, and where fitted members are kept."""
    stored: Ref
    """The table, as workers find it."""
    place: Workplace
    """What fits in this process find around them."""
    offer: Offer
    """Which slots there are now."""
    running: tuple[str, ...] | None = None
    """Numeric columns that only grow with time; None where folds are not in order of time."""
    run: Run | None = None
    """The user's folder in which the search can go on later, where one was named."""
    log: FoldLog | None = None
    """Where finished fits are written down, for a search that can go on later."""

    @property
    def assignment(self) -> Assignment:
        """How many fits run at once now, with how many threads and how much memory each."""
        return self.offer.assignment

    def fetch(self, member: Ref) -> bytes:
        """Return a pickled member, wherever its fit has put it."""
        return fetch_locally(member) if member.path else self.executor.fetch(member)

    def is_lost(self, member: Ref | None) -> bool:
        """Tell whether a member is known to be lost with the machine that it lay on; that it can be had is not sure."""
        ask = getattr(self.executor, "is_lost", None)
        return bool(member is not None and not member.path and ask and ask(member))

    @property
    def may_lose(self) -> bool:
        """Whether members may get lost: where the executor can tell of that, and keeps what it has fetched."""
        return hasattr(self.executor, "is_lost")

    def seconds_to_fetch(self, members: Sequence[Ref]) -> float:
        """Return how long it would take to bring members here, by what the executor says; 0 where it says nothing."""
        away = [member for member in members if not member.path]
        ask = getattr(self.executor, "seconds_to_fetch", None) if away else None
        return 0.0 if ask is None else float(ask(away))

    def notes(self) -> tuple[str, ...]:
        """Return what the executor tells of its machines, as those that were lost; nothing where it has none."""
        ask = getattr(self.executor, "notes", None)
        return () if ask is None else tuple(ask())

    def discard(self, member: Ref) -> None:
        """Let go of a member that predicts nothing; a search that can go on comes to the same point with it."""
        if self.log is not None:
            return
        if member.path:
            discard_locally(member)
        else:
            self.executor.discard(member)
