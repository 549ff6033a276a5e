"""`automl plugins`: list the installed plugins, what each offers, which could not be loaded, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from automl.registry import PluginRecord, Registry


def list_plugins(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs; with tracebacks.")] = False,
) -> None:
    """List the installed plugins: name, version, package, what each offers, and what went wrong or is missing."""
    from automl.cli._output import print_table
    from automl.registry import discover

    registry = discover()
    plugins = registry.plugins
    if as_json:
        listed = [{**asdict(each), "missing": missing_of(registry, each)} for each in plugins]
        typer.echo(json.dumps(listed, indent=1))
        return
    rows = [
        (each.name, each.version, each.package, told_offers(registry, each), each.error or missing_of(registry, each))
        for each in plugins
    ]
    print_table(f"{len(plugins)} plugins", ("name", "version", "package", "offers", "problem"), rows)


def told_offers(registry: Registry, plugin: PluginRecord) -> str:
    """Return what the plugin offers in words; of weights with their licence and size, which a user has to agree to."""
    told = [offer + _terms(registry, offer) for offer in plugin.offers]
    return group_offers(told)


def _terms(registry: Registry, offer: str) -> str:
    kind, _, name = offer.partition(" ")
    if kind != "weights":
        return ""
    spec = registry.pretrained[name]
    terms = [spec.licence] if spec.licence else []
    terms += [f"{spec.megabytes:.0f} MB"] if spec.megabytes else []
    return f" ({', '.join(terms)})" if terms else ""


def missing_of(registry: Registry, plugin: PluginRecord) -> str:
    """Return what the plugin's offers require and is not installed here, with how to get it."""
    from automl.steps.plan.find_missing import what_is_missing

    shelves: dict[str, Mapping[str, Any]] = {
        "model": registry.models, "preprocessor": registry.preprocessors, "ensembler": registry.ensemblers,
        "tracker": registry.trackers, "weights": registry.pretrained,
    }  # fmt: skip
    offered = [offer.partition(" ") for offer in plugin.offers]
    specs = [shelves[kind][name] for kind, _, name in offered if kind in shelves]
    return "; ".join(dict.fromkeys(text for spec in specs if (text := what_is_missing(spec))))


def group_offers(offers: Iterable[str]) -> str:
    """Return ("metric mae", "metric rmse", "automl_event") as "metric: mae, rmse; automl_event"."""
    grouped: dict[str, list[str]] = {}
    for offer in offers:
        kind, _, name = offer.partition(" ")
        grouped.setdefault(kind, []).append(name)
    return "; ".join(f"{kind}: {', '.join(names)}" if all(names) else kind for kind, names in grouped.items())
