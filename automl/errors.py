"""The errors that users meet; each says what was found, what was expected, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

COMPILED_STACK = re.compile(r"\n\s*Stack trace:.*", re.DOTALL)
COMPILED_PLACE = re.compile(r"\[\d\d:\d\d:\d\d\] (?:\S+:\d+: )?")
"""When and where in a library's own sources, before its message."""


class AutoMLError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(AutoMLError, ValueError):
    """The table, the target or the call cannot be used as given."""


class OptionError(AutoMLError, ValueError):
    """An option has a value, or a name, that does not exist."""


class PluginError(AutoMLError):
    """A plugin breaks the contract, or two plugins claim the same name."""


class NotFittedError(AutoMLError, ValueError, AttributeError):
    """A result was asked for before `fit`."""


class ArtifactError(AutoMLError):
    """A saved predictor is missing, damaged, or of another format."""


class SearchError(AutoMLError, RuntimeError):
    """The search ended without one usable model."""


class NothingToCombineError(AutoMLError, ValueError):
    """No candidate can be ranked for an ensemble, as the metric has no value on the rows at hand: known, and no bug."""


class MissingLibraryError(AutoMLError, ImportError):
    """A library is needed that comes with an extra, and is not installed."""


class FolderError(AutoMLError, OSError):
    """The folder for working files cannot be used, or holds another search than the one that was asked for."""


class SearchWarning(UserWarning):
    """A fit gave a predictor, but not all that was asked for: it was interrupted, or could not be saved."""


def unknown_name(what: str, name: object, known: Iterable[object]) -> str:
    """Return the message for an unknown name: what was found, the nearest known name, and all known ones."""
    names = sorted(str(each) for each in known)
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    return f"Unknown {what} {name!r}.{hint} Known: {listed or 'none'}."


def error_line(error: BaseException) -> str:
    """Return an error's type and message, also of one that cannot say what it is; without a stack of compiled code."""
    try:
        text = str(error)
    except Exception as another:
        text = f"(its message raised {type(another).__name__})"
    return f"{type(error).__name__}: {COMPILED_PLACE.sub('', COMPILED_STACK.sub('', text), count=1)}"
