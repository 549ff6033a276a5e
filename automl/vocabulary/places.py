"""Places: where a path that a user typed leads to."""

from __future__ import annotations

from pathlib import Path

from automl.errors import InputError


def place_of(path: str | Path) -> Path:
    """Return a path with the user's home in place of "~", as a shell reads it; as it is where there is no such home."""
    if "\0" in str(path):
        raise InputError(f"Found the path {str(path)!r}, which has a character of 0 in it; expected one without.")
    try:
        return Path(path).expanduser()
    except RuntimeError:  # "~somebody", whom this machine does not know
        return Path(path)
