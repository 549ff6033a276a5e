"""Find the executor: what the option of that name asks for, an executor by its name or a fleet with its address."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

from automl.errors import OptionError, unknown_name
from automl.fleet.executor import FleetExecutor
from automl.fleet.greeting import Needs
from automl.machine.find_modules import missing_modules
from automl.plugin_api.executors import Executor
from automl.plugin_api.specs import ExecutorRequest, ExecutorSpec, FleetRequest, FleetSpec
from automl.registry import OWN_PACKAGE, Registry

TRAVELS = ("preprocessor", "task")
"""Kinds of offers, besides models, that every machine has to know."""


def find_executor(registry: Registry, wanted: str, together: Collection[str] = ()) -> ExecutorSpec:
    """Return the executor called NAME, or one over the fleet NAME at an address behind a colon.

    together: models each of which a machine has to have; none where it is of use with some of all that there are. An
    OptionError where there is no executor of that name, or where what it needs is not installed here.
    """
    if wanted in registry.executors:
        return registry.executors[wanted]
    fleet, address = find_fleet(registry, wanted)
    needs = needs_of(registry)
    if together:
        models = {name: modules for name, modules in needs.models.items() if name in together}
        needs = replace(needs, models=models, together=True)
    return ExecutorSpec(wanted, partial(build_over_fleet, registry, fleet, address, needs))


def isolated_here(registry: Registry) -> ExecutorSpec:
    """Return the executor whose slots are processes of the machine that it runs on."""
    return next(spec for spec in registry.executors.values() if spec.isolated)


def find_fleet(registry: Registry, wanted: str) -> tuple[FleetSpec, str]:
    """Return the fleet NAME and the address behind a colon; an OptionError where it is unknown or not installed."""
    name, _, address = wanted.partition(":")
    fleet = registry.fleets.get(name)
    if fleet is None:
        raise OptionError(unknown_name("executor", wanted, (*registry.executors, *registry.fleets)))
    missing = missing_modules(fleet.requires)
    if missing:
        how = f"; run: {fleet.install}" if fleet.install else ""
        raise OptionError(f"executor={wanted!r} cannot be used: {', '.join(missing)} is not installed{how}")
    return fleet, address


def build_over_fleet(
    registry: Registry, fleet: FleetSpec, address: str, needs: Needs, request: ExecutorRequest
) -> Executor:
    """Build an executor over a fleet; what runs on each machine is the executor that is isolated here."""
    built = fleet.build(FleetRequest(address, request.most_slots))
    name = f"{fleet.name}:{address}" if address else fleet.name
    return FleetExecutor(built, request, isolated_here(registry), needs, name, tuple(modules_by_value(registry)))


def needs_of(registry: Registry) -> Needs:
    """Return what machines have to have, for all that plugins offer."""
    packages = {
        record.package: record.version
        for record in registry.plugins
        if record.version and record.package != OWN_PACKAGE and not record.error
    }
    offers = [(record.package, offer) for record in registry.plugins for offer in record.offers]
    owners = {
        offer.partition(" ")[2]: package
        for package, offer in offers
        if offer.startswith("model ") and package in packages
    }
    besides = {package for package, offer in offers if package in packages and offer.startswith(TRAVELS)}
    models = {name: tuple(spec.requires) for name, spec in registry.models.items()}
    return Needs(models, packages, owners, frozenset(besides))


def modules_by_value(registry: Registry) -> Iterator[ModuleType]:
    """Yield the modules of plugins that no machine can import, since they are a script's: they travel with the jobs."""
    for record in registry.plugins:
        if record.version or record.package == OWN_PACKAGE or record.error:
            continue
        plugin: Any = registry.manager.get_plugin(record.name)
        module = plugin if isinstance(plugin, ModuleType) else sys.modules.get(type(plugin).__module__)
        if module is not None and module.__name__ != "__main__" and module.__name__ in sys.modules:
            yield module
