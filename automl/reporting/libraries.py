"""Libraries: those that only a report or an explanation needs are asked for here, with how to get them."""

from __future__ import annotations

from automl.errors import MissingLibraryError
from automl.machine.find_modules import missing_modules
from automl.registry import OWN_PACKAGE


def need(what: str, extra: str, *modules: str) -> None:
    """Raise a MissingLibraryError where one of the modules is not installed; `what` is what needs them."""
    missing = missing_modules(modules)
    if missing:
        raise MissingLibraryError(
            f"{what} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            f"Run: pip install '{OWN_PACKAGE}[{extra}]'"
        )
