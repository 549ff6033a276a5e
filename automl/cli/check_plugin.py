"""`automl check-plugin`: hold everything that a plugin offers against the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any
from unittest import SkipTest

import typer

if TYPE_CHECKING:
    from automl.registry import PluginRecord, Registry

BROKEN = 1
"""Exit status where a check fails."""
COLOURS = {"ok": "green", "FAILED": "red", "expected": "yellow", "skipped": "yellow"}


def check_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of a plugin as `automl plugins` lists it, or of its package.")
    ],
    *,
    expect: Annotated[
        list[str] | None, typer.Option(help="Name of a check that is known to fail; may be given several times.")
    ] = None,
) -> None:
    """Check everything that the plugin NAME offers; one line a check, exit status 1 where one fails."""
    from automl.registry import discover

    registry, counts = discover(), Counter[str]()
    plugins = find_plugins(registry, name)
    check_expected(registry, plugins, expect or [])
    for plugin in plugins:
        typer.echo(f"{plugin.name} ({plugin.package} {plugin.version})")
        for label, status, reason in check_offers(registry, plugin, frozenset(expect or ())):
            counts[status] += 1
            shown = typer.style(f"{status:<8}", fg=COLOURS[status])
            typer.echo(f"  {shown}  {label}" + (f": {reason}" if reason else ""))
    typer.echo(", ".join(f"{count} {status}" for status, count in counts.items()))
    if counts["FAILED"]:
        raise typer.Exit(BROKEN)


def find_plugins(registry: Registry, name: str) -> list[PluginRecord]:
    """Return the plugin of this name, or all that the package of this name has."""
    from automl.errors import OptionError, unknown_name

    found = [each for each in registry.plugins if name == each.name]
    found = found or [each for each in registry.plugins if name == each.package]
    if not found:
        known = {each.name for each in registry.plugins} | {each.package for each in registry.plugins}
        raise OptionError(f"{unknown_name('plugin', name, known)} A package is known once it is installed here.")
    return found


def check_expected(registry: Registry, plugins: list[PluginRecord], expected: list[str]) -> None:
    """Refuse the name of a check that none of the plugins' offers has."""
    from automl.errors import OptionError, unknown_name
    from automl.testing import checks_of

    specs = [offered_spec(registry, offer) for plugin in plugins for offer in plugin.offers]
    known = {name for spec in specs if spec is not None for name, _ in checks_of(spec)}
    for name in expected:
        if name not in known:
            raise OptionError(unknown_name("check for --expect", name, known))


def check_offers(registry: Registry, plugin: PluginRecord, expected: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Yield a label, a status and a reason for loading the plugin and for each check of what it offers."""
    from automl.testing import checks_of

    yield "loads", "FAILED" if plugin.error else "ok", plugin.error
    if plugin.error:
        return
    for offer in plugin.offers:
        spec = offered_spec(registry, offer)
        for name, check in checks_of(spec) if spec is not None else ():
            status, reason = outcome_of(check)
            if name in expected and status == "ok":
                status, reason = "FAILED", "passes, though it was expected to fail"
            elif name in expected and status == "FAILED":
                status = "expected"
            yield f"{offer}: {name}", status, reason


def offered_spec(registry: Registry, offer: str) -> Any:
    """Return the spec behind an offer such as "model linear"; None for a hook, which has no checks."""
    shelves: dict[str, dict[str, Any]] = {
        "model": registry.models,
        "preprocessor": registry.preprocessors,
        "metric": registry.metrics,
        "ensembler": registry.ensemblers,
        "strategy": registry.strategies,
        "executor": registry.executors,
        "fleet": registry.fleets,
        "task": registry.tasks,
        "tracker": registry.trackers,
        "weights": registry.pretrained,
    }
    kind, _, name = offer.partition(" ")
    return shelves.get(kind, {}).get(name)


def outcome_of(check: Callable[[], None]) -> tuple[str, str]:
    """Run a check; return "ok", "FAILED" or "skipped", with the reason of the last two."""
    from automl.testing import first_line_of_failure

    skipped: list[str] = []

    def noting_skips() -> None:
        try:
            check()
        except SkipTest as reason:
            skipped.append(str(reason))

    problem = first_line_of_failure(noting_skips)
    if skipped:
        return "skipped", skipped[0]
    return ("FAILED", problem) if problem else ("ok", "")
