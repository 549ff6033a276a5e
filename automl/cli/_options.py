"""Options of the search on the command line: a command's parameters as the table of options tells them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer

from automl.steps.plan.options import OPTIONS
from automl.vocabulary.options import Flag, Option, Shown

Command = TypeVar("Command", bound=Callable[..., None])


def with_options(command: str) -> Callable[[Command], Command]:
    """Give a command, "fit" or "compete", a parameter for each option that it shows, in place of its `**given`."""

    def add(function: Command) -> Command:
        signature = inspect.signature(function, eval_str=True)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]  # what inspect looks for
            parameters=_put_in(own, command)
        )
        return function

    return add


def options_of(command: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `AutoML` from what was typed, by the names of a command's parameters."""
    return {option.name: flag.read(given[option.parameter]) for option, flag, _ in _shown(command)}


def _shown(command: str) -> list[tuple[Option, Flag, Shown]]:
    return [
        (option, option.flag, shown)
        for option in OPTIONS.values()
        if option.flag is not None and (shown := option.shown_by(command)) is not None
    ]


def _put_in(own: list[inspect.Parameter], command: str) -> list[inspect.Parameter]:
    """Return a command's own parameters with each option's after the one that it is to stand after."""
    ordered, waiting, before = list(own), [], ""
    for option, flag, shown in _shown(command):
        waiting.append((shown.after or before, _parameter(option, flag, shown)))
        before = option.parameter
    while waiting:
        names = [each.name for each in ordered]
        ready = [each for each in waiting if each[0] in names]
        if not ready:
            raise ValueError(f"There is no parameter {waiting[0][0]!r} that {waiting[0][1].name!r} could stand after.")
        after, parameter = ready[0]
        ordered.insert(names.index(after) + 1, parameter)
        waiting.remove(ready[0])
    return ordered


def _parameter(option: Option, flag: Flag, shown: Shown) -> inspect.Parameter:
    info = typer.Option(help=shown.help, rich_help_panel=shown.panel or None)
    annotated: Any = Annotated  # the type is a value here, which type checkers do not expect
    kind = annotated[flag.kind, info]
    return inspect.Parameter(option.parameter, inspect.Parameter.KEYWORD_ONLY, default=shown.default, annotation=kind)
