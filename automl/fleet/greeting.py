"""Greeting: what a machine is and has, asked there, and whether that fits the search, decided here."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from automl.machine.find_gpus import find_gpus
from automl.machine.find_modules import missing_modules
from automl.machine.free_memory import free_memory_mb
from automl.registry import OWN_PACKAGE
from automl.storage.versions import TRACKED, versions_of

SPEED_SECONDS = 0.1
SPEED_SIZE = 40_000


@dataclass(frozen=True, slots=True)
class Needs:
    """What a search needs on each machine.

    models: the modules that each needs, by its name. plugins: the installed packages that plugins come from, with their
    versions here. owners: the package that each model comes from; for those of this session there is none.
    """

    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    besides: frozenset[str] = frozenset()
    """Packages that offer more than models: without them nothing can be fitted."""
    together: bool = False
    """Whether a machine has to have all of the models, as where they predict together."""

    @property
    def modules(self) -> tuple[str, ...]:
        """All that some model needs."""
        return tuple(sorted({name for names in self.models.values() for name in names}))


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a machine says of itself. Memory and disk are free megabytes; speed counts loops a second, of one core."""

    python: str
    system: str
    versions: Mapping[str, str]
    plugins: Mapping[str, str]
    missing: frozenset[str]
    cores: int
    memory_mb: float
    disk_mb: float
    gpus: tuple[str, ...]
    speed: float = 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How a machine fits a search: why it does not, models that cannot run there and why, what else differs."""

    refused: str = ""
    without: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()


def greet(needs: Needs, *, measure: bool = False) -> Greeting:
    """Say what this machine is and has; imports no library that only models need."""
    names = (*TRACKED, *(name for name in needs.modules if name != "sklearn"))
    return Greeting(
        python=platform.python_version(),
        system=platform.system(),
        versions=versions_of(names),
        plugins={name: found for name in needs.plugins if (found := _version(name))},
        missing=frozenset(missing_modules(needs.modules)),
        cores=os.cpu_count() or 1,
        memory_mb=free_memory_mb(),
        disk_mb=shutil.disk_usage(tempfile.gettempdir()).free / 2**20,
        gpus=find_gpus(),
        speed=measure_speed() if measure else 0.0,
    )


def compare(here: Greeting, there: Greeting, needs: Needs) -> Fit:
    """Return how a machine fits a search that is controlled from here.

    Functions and fitted models travel as pickles: Python has to be of the same minor version, this package of the same
    release, and what all fits rest on of the same minor version. A model whose libraries are not so stays away.
    """
    if _minor(there.python) != _minor(here.python):
        return Fit(f"it runs Python {there.python}; expected {_minor(here.python)}, as here")
    if refused := _refused(here, there, needs):
        return Fit(refused)
    without = {name: why for name in needs.models if (why := _why_not(name, here, there, needs))}
    if needs.together and without:
        return Fit("; ".join(f"{name} cannot predict there: {why}" for name, why in without.items()))
    differs = tuple(
        f"{name} {there.versions.get(name, '')}, here {found}"
        for name, found in here.versions.items()
        if name in there.versions and there.versions[name] != found
    )
    return Fit("", without, differs)


def _refused(here: Greeting, there: Greeting, needs: Needs) -> str:
    for name in TRACKED:
        ours, theirs = here.versions.get(name, ""), there.versions.get(name, "")
        if not theirs:
            return f"{name} is not installed there; run: pip install {name}=={ours}"
        if _minor(ours) != _minor(theirs) or (name == OWN_PACKAGE and ours != theirs):
            return f"it has {name} {theirs}; expected {ours}, as here; run: pip install {name}=={ours}"
    for name in sorted(needs.besides):
        if there.plugins.get(name) != needs.plugins[name]:
            return f"it has {_found(there, name)}; expected {name} {needs.plugins[name]}, as here"
    return ""


def _why_not(model: str, here: Greeting, there: Greeting, needs: Needs) -> str:
    owner = needs.owners.get(model, "")
    if owner and there.plugins.get(owner) != needs.plugins.get(owner):
        return f"{_found(there, owner)}; expected {owner} {needs.plugins.get(owner, '')}"
    for module in needs.models[model]:
        if module in there.missing:
            return f"{module} is not installed"
        ours, theirs = here.versions.get(module, ""), there.versions.get(module, "")
        if ours and theirs and _minor(ours) != _minor(theirs):
            return f"{module} {theirs}; expected {ours}"
    return ""


def _found(there: Greeting, package: str) -> str:
    return f"{package} {there.plugins[package]}" if package in there.plugins else f"no {package}"


def _minor(text: str) -> str:
    return ".".join(text.split(".")[:2])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def measure_speed(seconds: float = SPEED_SECONDS) -> float:
    """Return how often a second one core does a fixed piece of work; the best of several times."""
    numbers = [(7919 * each) % SPEED_SIZE for each in range(SPEED_SIZE)]
    until, best = time.perf_counter() + seconds, float("inf")
    while True:
        begun = time.perf_counter()
        sorted(numbers, key=lambda each: -each)
        now = time.perf_counter()
        best = min(best, now - begun)
        if now >= until:
            return 1.0 / best
