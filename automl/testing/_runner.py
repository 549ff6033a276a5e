"""Run checks: all of a kind's checks over one spec, one after another or as pytest tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar
from unittest import SkipTest

from automl.errors import OptionError, PluginError, unknown_name

Spec = TypeVar("Spec", bound=Any)
Check = Callable[[Spec], None]


@dataclass(frozen=True, slots=True)
class Kit(Generic[Spec]):
    """The checks of one kind of plugin.

    A check is a named function of a spec that raises where the contract is broken, and `unittest.SkipTest` where this
    machine cannot tell.
    """

    kind: str
    functions: tuple[Check[Spec], ...]
    complete: Callable[[Spec], Spec] = lambda spec: spec
    """What a spec is given first of what other installed plugins offer."""

    def checks(self, spec: Spec) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the name of each check that concerns `spec`, and a function without arguments that runs it."""
        spec = self.complete(spec)
        for function in self.functions:
            if getattr(function, "concerns", _everything)(spec):
                yield function.__name__, partial(function, spec)

    def run(self, spec: Spec, expected_failures: Mapping[str, str] | None = None) -> None:
        """Run every check that concerns `spec`.

        expected_failures: check name -> why it may fail. One that then passes counts as a failure.

        Raises PluginError that lists every failure with the first line of its error, and OptionError where
        `expected_failures` names no check.
        """
        expected = self._known(expected_failures or {})
        failures, count = [], 0
        for name, check in self.checks(spec):
            count += 1
            problem = first_line_of_failure(check)
            if name in expected:
                problem = "" if problem else f"passed, although it was expected to fail: {expected[name]}"
            if problem:
                failures.append(f"{name}: {problem}")
        if failures:
            head = f"The {self.kind} {spec.name!r} breaks the contract in {len(failures)} of {count} checks:"
            raise PluginError("\n  ".join([head, *failures]))

    def parametrize(self, specs: Sequence[Spec], expected_failures: Mapping[str, str] | None = None) -> Any:
        """Return a decorator that gives one pytest test per spec and check; the test takes `check` and calls it.

        expected_failures: check name -> why it fails. Such a check becomes a strict xfail for every spec that is given.
        """
        import pytest

        expected = self._known(expected_failures or {})
        params = []
        for spec in specs:
            for name, check in self.checks(spec):
                marks = [pytest.mark.xfail(strict=True, reason=expected[name])] if name in expected else []
                params.append(pytest.param(check, id=f"{spec.name}-{name}", marks=marks))
        return pytest.mark.parametrize("check", params)

    def _known(self, expected: Mapping[str, str]) -> Mapping[str, str]:
        names = [function.__name__ for function in self.functions]
        for name in expected:
            if name not in names:
                raise OptionError(unknown_name(f"{self.kind} check", name, names))
        return expected


def first_line_of_failure(check: Callable[[], None]) -> str:
    """Run a check and return the first line of what it raised, "" where it passed or was skipped."""
    try:
        check()
    except SkipTest:
        return ""
    except Exception as error:  # a plugin may raise anything; the point is to list it
        lines = str(error).strip().splitlines() or [""]
        return lines[0] if isinstance(error, AssertionError) else f"{type(error).__name__}: {lines[0]}"
    return ""


def concerns(applies: Callable[[Any], bool]) -> Callable[[Check[Any]], Check[Any]]:
    """Mark a check as one for those specs alone for which `applies` is true."""

    def mark(check: Check[Any]) -> Check[Any]:
        check.concerns = applies  # type: ignore[attr-defined]  # read again in Kit.checks
        return check

    return mark


def expect(condition: Any, message: str) -> None:
    """Raise AssertionError with the message unless the condition holds."""
    if not condition:
        raise AssertionError(message)


def _everything(spec: Any) -> bool:  # noqa: ARG001  a check concerns every spec unless it says otherwise
    return True
