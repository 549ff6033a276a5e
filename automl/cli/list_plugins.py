"""`automl plugins`: list the installed plugins, what each offers, and which could not be loaded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer


def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs; with tracebacks.")] = False,
) -> None:
    """List the installed plugins: name, version, package, what each offers, and what went wrong."""
    from automl.cli._output import print_table
    from automl.registry import discover

    plugins = discover().plugins
    if as_json:
        typer.echo(json.dumps([asdict(plugin) for plugin in plugins], indent=1))
        return
    rows = [(each.name, each.version, each.package, group_offers(each.offers), each.error) for each in plugins]
    print_table(f"{len(plugins)} plugins", ("name", "version", "package", "offers", "error"), rows)


def group_offers(offers: Iterable[str]) -> str:
    """Return ("metric mae", "metric rmse", "automl_event") as "metric: mae, rmse; automl_event"."""
    grouped: dict[str, list[str]] = {}
    for offer in offers:
        kind, _, name = offer.partition(" ")
        grouped.setdefault(kind, []).append(name)
    return "; ".join(f"{kind}: {', '.join(names)}" if all(names) else kind for kind, names in grouped.items())
