"""Finding: what was noticed about a table at fit that may make its scores, or its use, less sound than they look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """WARNING: the score may promise what will not be kept. NOTE: worth knowing."""

    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed, with its figures; nothing is dropped but what `done` says."""

    severity: Severity
    topic: str
    """file, reading, asked, leak, identifier, parts, text, set aside, unreadable, duplicates, shift, target, rows,
    audit."""
    column: str
    """The column it is about; "" where it is about the whole table."""
    found: str
    """What was found, with figures."""
    done: str
    """What was done about it."""
    advice: str = ""
    """What the user can do."""
