"""References: names for what lies elsewhere, which go from process to process in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ref:
    """Names files or bytes that an executor keeps; small, and can be pickled.

    name: what they are called by whoever put them there. path: where bytes lie on the controller's machine, "" where
    they lie elsewhere. place: what their executor needs to find them again, which nobody else reads.
    """

    name: str
    path: str = ""
    place: Any = None
