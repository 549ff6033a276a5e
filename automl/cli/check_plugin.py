"""`automl check-plugin`: hold everything that a plugin offers against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from automl.registry import PluginRecord, Registry

BROKEN = 1
"""Exit status where a check fails."""


def check_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of a plugin as `automl plugins` lists it, or of its package.")
    ],
) -> None:
    """Check everything that the plugin NAME offers; one line a check, exit status 1 where one fails."""
    from automl.registry import discover

    registry = discover()
    failed = total = 0
    for plugin in find_plugins(registry, name):
        for label, problem in check_offers(registry, plugin):
            total += 1
            failed += bool(problem)
            status = typer.style("FAILED", fg="red") if problem else typer.style("ok", fg="green")
            typer.echo(f"{status}  {label}" + (f": {problem}" if problem else ""))
    typer.echo(f"{total} checks, {failed} failed")
    if failed:
        raise typer.Exit(BROKEN)


def find_plugins(registry: Registry, name: str) -> list[PluginRecord]:
    """Return the plugin of this name, or all that the package of this name has."""
    from automl.errors import OptionError, unknown_name

    found = [each for each in registry.plugins if name == each.name] or [
        each for each in registry.plugins if name == each.package
    ]
    if not found:
        raise OptionError(unknown_name("plugin", name, (each.name for each in registry.plugins)))
    return found


def check_offers(registry: Registry, plugin: PluginRecord) -> Iterator[tuple[str, str]]:
    """Yield a label and a problem, "" where there is none, for loading the plugin and for each of its checks."""
    yield f"{plugin.name}: loads", plugin.error
