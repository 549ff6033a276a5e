"""The tracker contract: what can be told of a tool outside without reaching it."""

from __future__ import annotations

from collections.abc import Callable

from automl.plugin_api import TrackerSpec
from automl.testing._runner import expect
from automl.testing._shared import check_import_is_light, check_spec_pickles


def check_name(spec: TrackerSpec) -> None:
    """The name stands before a colon in the option `track`."""
    plain = spec.name and ":" not in spec.name and not any(letter.isspace() for letter in spec.name)
    expect(plain, f"The name is {spec.name!r}; expected some letters without a colon or a space.")


def check_install(spec: TrackerSpec) -> None:
    """A user without the library has to be told how to get it."""
    expect(spec.install or not spec.requires, "It requires modules; set `install` to the command that brings them.")


CHECKS: tuple[Callable[[TrackerSpec], None], ...] = (
    check_spec_pickles,
    check_import_is_light,
    check_name,
    check_install,
)
