"""Trial: a candidate under way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from automl.plugin_api.protocols import Proposal
from automl.vocabulary.candidate import Candidate
from automl.vocabulary.results import FoldResult
from automl.vocabulary.states import Status


@dataclass(slots=True)
class Trial:
    """A candidate under way, until it is closed: its finished folds, and those that have been handed out."""

    candidate: Candidate
    proposal: Proposal
    order: int
    """Position in which it was proposed."""
    cap_seconds: float
    """Seconds that each of its folds may take."""
    first_cap_seconds: float = math.inf
    """Seconds that the first fold may take, which may have to make what all later ones share."""
    shares: bool = False
    """Whether the first folds make something together that all later ones find."""
    memory_mb: float = 0.0
    """Megabytes that a fit of it is expected to need."""
    seconds: float = 0.0
    """Seconds that a fold of it was expected to take, before any fit had told of its model."""
    home: str | None = None
    """The machine on which the first folds make together what all later ones find; None before the first is begun."""
    begun: float = math.inf
    """Seconds into the search when its first fold was handed out."""
    done: dict[int, FoldResult] = field(default_factory=dict)
    losses: dict[int, float] = field(default_factory=dict)
    handed_out: int = 0
    again: list[int] = field(default_factory=list)
    """Folds to be fitted once more, after a lack of memory."""
    retried: set[int] = field(default_factory=set)
    lost: dict[int, int] = field(default_factory=dict)
    """How often folds were lost with their machine."""
    rows_share: float = 1.0
    """Share of the training rows that its folds are fitted on from now on; less than 1 where memory is short."""
    judged: bool = False
    closed: bool = False
    status: Status = Status.RUNNING

    def next_fold(self) -> int:
        """Return the fold to hand out next: one that is to be fitted once more goes first."""
        return self.again.pop() if self.again else self.handed_out

    def allow(self, seconds: float, first: float) -> None:
        """Give each fold so many seconds, and so many to the first."""
        self.cap_seconds, self.first_cap_seconds = seconds, first

    def end_within(self, seconds: float) -> None:
        """Give no fold more seconds than these."""
        self.allow(min(self.cap_seconds, seconds), min(self.first_cap_seconds, seconds))
