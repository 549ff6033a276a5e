"""Nouns of an option: what it is called, what it takes, what it becomes, and how it is typed on a command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def as_typed(value: Any) -> Any:
    """Return what was typed as it is."""
    return value


@dataclass(frozen=True, slots=True)
class Flag:
    """How an option is typed on every command line that has it.

    kind: the type that typer reads it as. name: its name there, where that is another than the option's. read: from
    what was typed to what the option takes. instead: flags of another kind that stand for the option in `automl fit`,
    where it has none that is made of this table.
    """

    kind: Any = None
    name: str = ""
    read: Callable[[Any], Any] = as_typed
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """How one command shows an option: help, default as it is typed, panel of the help, and what it stands after.

    after: a parameter of the command; by default the option before it in the table.
    """

    help: str
    default: Any = None
    panel: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an option becomes in `SearchSettings`: type and default of the field, as source, and how it is read.

    read: from the value of the option to what the field holds; an OptionError where that cannot be. name: the field,
    where it is called otherwise than the option; part: which part of the field, where it has several.
    """

    kind: str
    default: str
    read: Callable[[Any], Any]
    name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a search, for every place that has to know of it.

    kind: its type in the constructor, as source. about: what it is, for the documentation; "" where the option before
    it says so of both. setting: None where it is no matter of the search alone.
    kept_by: the function in `automl.estimator_options` through which the constructor keeps it. may_change: whether a
    search goes on in its folder with another value. of_machine: whether it says something of the machine and the
    process that fitted, so that it is not saved. of_user: whether it may hold functions and objects of a user's own.
    of_task: whether it is for the tasks that name it in `TaskSpec.options`, which find it among the target's options.
    """

    name: str
    kind: str
    default: Any
    about: str
    setting: Setting | None
    flag: Flag | None = None
    fit: Shown | None = None
    compete: Shown | None = None
    kept_by: str = ""
    may_change: bool = False
    of_machine: bool = False
    of_user: bool = False
    of_task: bool = False

    @property
    def field(self) -> str:
        """The field of `SearchSettings` that it becomes, or a part of."""
        return (self.setting.name if self.setting is not None else "") or self.name

    @property
    def parameter(self) -> str:
        """Its name as a parameter of a command."""
        return (self.flag.name if self.flag is not None else "") or self.name

    def shown_by(self, command: str) -> Shown | None:
        """Return how a command, "fit" or "compete", shows it; None where it does not."""
        return {"fit": self.fit, "compete": self.compete}[command]
