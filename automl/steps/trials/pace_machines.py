"""Pace machines: how quick each is beside the others, by how long the fits on it took."""

from __future__ import annotations

import math

UNMOVED = 4.0
"""So many fits of the usual pace each machine is thought to have had before its first."""
FADES = 0.98
"""What a fit counts once another has ended on the machine: other work may come and go there."""
MOST_TIMES = 4.0
"""A fit that took more times as long as usual, or as short, counts as if it had taken these: it says little of both."""


class MachinePaces:
    """The pace of each machine: the mean, on a logarithmic scale, of what its fits took of what such fits take.

    Where there is one machine alone it is 1: what its fits take is what is expected of the next.
    """

    def __init__(self) -> None:
        """Know of no machine yet."""
        self._sums: dict[str, float] = {}
        self._counts: dict[str, float] = {}

    def learn(self, host: str, ratio: float, usual: float | None) -> None:
        """Take in what a fit took, and what such fits usually take, None where none is known: in the same unit."""
        known = usual is not None and usual > 0 and ratio > 0
        most = math.log(MOST_TIMES)
        deviation = max(-most, min(most, math.log(ratio / usual))) if known and usual else 0.0
        self._sums[host] = FADES * self._sums.get(host, 0.0) + deviation
        self._counts[host] = FADES * self._counts.get(host, 0.0) + float(known)

    def pace(self, host: str) -> float:
        """Return how many times as long as elsewhere a fit takes on a machine."""
        if len(self._sums) < 2 or host not in self._sums:
            return 1.0
        return math.exp(self._sums[host] / (self._counts[host] + UNMOVED))
