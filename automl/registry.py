"""Registry: discovers plugins through entry points and keeps what they offer, what broke, and who decides."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, entry_points
from itertools import chain, count
from typing import Any, TypeVar

import pluggy

from automl.aside import Aside, HangError
from automl.errors import InputError, OptionError, PluginError, error_line, unknown_name
from automl.machine.keep_process import kept_process
from automl.plugin_api import hookspecs
from automl.plugin_api.specs import (
    EnsemblerSpec,
    ExecutorSpec,
    FleetSpec,
    MetricSpec,
    ModelSpec,
    PreprocessorSpec,
    PretrainedSpec,
    SearchStrategySpec,
    TaskSpec,
    TrackerSpec,
)
from automl.vocabulary.results import Failure
from automl.vocabulary.states import Stage
from automl.vocabulary.task import TaskKind

T = TypeVar("T")
GROUP = hookspecs.PROJECT
OWN_PACKAGE = "ensemble-automl"
BREAKS = (Exception, SystemExit)
"""What a broken plugin may raise; some packages call `sys.exit` when something is missing."""
OFFERS: dict[str, tuple[str, type[Any]]] = {
    "automl_tasks": ("tasks", TaskSpec),
    "automl_models": ("models", ModelSpec),
    "automl_preprocessors": ("preprocessors", PreprocessorSpec),
    "automl_metrics": ("metrics", MetricSpec),
    "automl_ensemblers": ("ensemblers", EnsemblerSpec),
    "automl_search_strategies": ("strategies", SearchStrategySpec),
    "automl_executors": ("executors", ExecutorSpec),
    "automl_fleets": ("fleets", FleetSpec),
    "automl_trackers": ("trackers", TrackerSpec),
    "automl_pretrained": ("pretrained", PretrainedSpec),
}


SINGULAR = {
    "tasks": "task",
    "models": "model",
    "preprocessors": "preprocessor",
    "metrics": "metric",
    "ensemblers": "ensembler",
    "strategies": "strategy",
    "executors": "executor",
    "fleets": "fleet",
    "trackers": "tracker",
    "pretrained": "weights",
}


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """One discovered plugin: where it came from, what it offers, and what went wrong (empty when nothing did)."""

    name: str
    version: str = ""
    package: str = ""
    offers: tuple[str, ...] = ()
    error: str = ""
    traceback: str = ""


@dataclass(slots=True)
class Registry:
    """What all plugins offer, by name, and the hooks that decide and watch. One for each search."""

    manager: pluggy.PluginManager
    records: dict[str, PluginRecord] = field(default_factory=dict)
    tasks: dict[str, TaskSpec] = field(default_factory=dict)
    models: dict[str, ModelSpec] = field(default_factory=dict)
    preprocessors: dict[str, PreprocessorSpec] = field(default_factory=dict)
    metrics: dict[str, MetricSpec] = field(default_factory=dict)
    ensemblers: dict[str, EnsemblerSpec] = field(default_factory=dict)
    strategies: dict[str, SearchStrategySpec] = field(default_factory=dict)
    executors: dict[str, ExecutorSpec] = field(default_factory=dict)
    fleets: dict[str, FleetSpec] = field(default_factory=dict)
    trackers: dict[str, TrackerSpec] = field(default_factory=dict)
    pretrained: dict[str, PretrainedSpec] = field(default_factory=dict)
    watchers: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    """What is told of events beside the plugins, by name: the trackers that this search was asked to use."""
    failures: list[Failure] = field(default_factory=list)
    muted: set[tuple[str, str]] = field(default_factory=set)
    trace: bool = False
    """Whether every call of a hook is printed."""
    aside: Aside = field(default_factory=Aside)
    """Where the hooks of third parties are called, for as long as it allows."""

    @property
    def plugins(self) -> tuple[PluginRecord, ...]:
        """One record per plugin, built-in ones first."""
        return tuple(self.records.values())

    def task_spec(self, kind: TaskKind) -> TaskSpec:
        """Return what the plugin that offers a kind of tasks says of it."""
        if kind.value not in self.tasks:
            raise PluginError(
                f"The task {kind.value!r} is offered by no plugin that is installed; expected one of "
                f"{', '.join(self.tasks) or 'none'}. Install the plugin that it comes from, or give plugins=[module]."
            )
        return self.tasks[kind.value]

    def wait_for_hooks(self, seconds: float) -> None:
        """Wait for a hook of a third party for so many seconds from here on, where they are not endless."""
        self.aside = Aside(seconds)

    def is_asked(self, hook: str) -> bool:
        """Tell whether any plugin implements a hook."""
        return bool(getattr(self.manager.hook, hook).get_hookimpls())

    def decide(self, hook: str, **arguments: Any) -> Any:
        """Return the first answer that is not None, asking third parties before built-ins.

        An implementation that raises is recorded as a failure and passed over; one that hangs while a clock runs is
        not asked again.
        """
        for name, call in self._implementations(hook, arguments):
            if (name, hook) in self.muted:
                continue
            try:
                answer = self._call(name, call)
            except BREAKS as error:
                if isinstance(error, HangError):
                    self.muted.add((name, hook))
                self._record(name, hook, error)
                continue
            if answer is not None:
                return answer
        return None

    def ask_task(self, spec: TaskSpec, call: Callable[[], T], otherwise: T) -> T:
        """Return what a task says of a target; where it breaks that is recorded as a failure, and `otherwise` goes.

        An `InputError` is meant for the user, and raised on.
        """
        owner = next((each.name for each in self.plugins if f"task {spec.name}" in each.offers), "")
        try:
            return self._call(owner, call)
        except InputError:
            raise
        except BREAKS as error:
            self._record(spec.name, Stage.TASK, error)
            return otherwise

    def tell(self, event: Any) -> None:
        """Hand an event to every watching plugin and tracker; one that breaks is recorded once and not told again."""
        trackers: list[tuple[str, Callable[[], Any]]]
        trackers = [(name, partial(observe, event)) for name, observe in self.watchers.items()]
        for name, call in chain(self._implementations("automl_event", {"event": event}), trackers):
            if (name, "automl_event") in self.muted:
                continue
            try:
                self._call(name, call)
            except BREAKS as error:
                self.muted.add((name, "automl_event"))
                self._record(name, "automl_event", error)

    def add(self, name: str, plugin: Any, *, package: str = "", version: str = "") -> None:
        """Register one plugin object and take what it offers.

        A broken one is recorded, not raised, and nothing of it is kept. `name` is not to be registered yet.
        """
        taken: list[tuple[str, str]] = []
        try:
            self.manager.register(plugin, name=name)
            self.manager.check_pending()
            for hook, (shelf, kind) in OFFERS.items():
                for impl in _own(self.manager, hook, plugin):
                    self._note(hook, name)
                    for spec in impl.function():
                        taken.append((shelf, self._shelve(shelf, kind, spec)))  # noqa: PERF401  keeps those before a bad one
            offers = (*(f"{SINGULAR[shelf]} {label}" for shelf, label in taken), *_deciding(self.manager, plugin))
            self.records[name] = PluginRecord(name, version, package, offers)
        except BREAKS as error:
            for shelf, label in taken:
                del getattr(self, shelf)[label]
            if self.manager.has_plugin(name):
                self.manager.unregister(name=name)
            self.refuse(name, error, package=package, version=version)

    def refuse(self, name: str, error: BaseException, *, package: str = "", version: str = "") -> None:
        """Record a plugin that cannot be used."""
        text, cause = "".join(traceback.format_exception(error)), error_line(error)
        self.records[name] = PluginRecord(name, version, package, (), cause, text)
        self.failures.append(Failure(model=name, stage=Stage.LOAD, cause=cause, traceback=text))

    def _shelve(self, shelf: str, kind: type[Any], spec: Any) -> str:
        if not isinstance(spec, kind):
            raise PluginError(f"Found {spec!r} among the {shelf}; expected a {kind.__name__}.")
        kept: dict[str, Any] = getattr(self, shelf)
        name = str(spec.name)
        if name in kept:
            label = f"{SINGULAR[shelf]} {name}"
            owner = next((each.name for each in self.plugins if label in each.offers), "the same plugin")
            raise PluginError(
                f"Two plugins offer the {label!r}: {owner!r} has it already. Rename one of them, or disable one with "
                f"the environment variable AUTOML_DISABLE_PLUGINS."
            )
        if isinstance(spec, TaskSpec):
            _refuse_family(spec, self.tasks.values())
        kept[name] = spec
        return name

    def _implementations(self, hook: str, arguments: dict[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
        for impl in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            taken = {name: arguments[name] for name in impl.argnames}
            self._note(hook, impl.plugin_name)
            yield impl.plugin_name, partial(impl.function, **taken)

    def _call(self, name: str, call: Callable[[], T]) -> T:
        """Call a hook: those of third parties aside; what comes with the engine, or was asked for by name, at once."""
        record = self.records.get(name)
        return call() if record is None or record.package == OWN_PACKAGE else self.aside.call(call)

    def _note(self, hook: str, name: str) -> None:
        if self.trace:
            print(f"hook {hook} -> {name}", file=sys.stderr)

    def _record(self, name: str, hook: str, error: BaseException) -> None:
        text = "".join(traceback.format_exception(error))
        self.failures.append(Failure(model=name, stage=Stage(hook), cause=error_line(error), traceback=text))


def discover(extra: Iterable[Any] = ()) -> Registry:
    """Load every plugin that installed packages list under the entry-point group `automl`, built-in ones first.

    `extra` holds modules or objects with hook implementations that are not packaged, to try a plugin in a script.
    `AUTOML_DISABLE_PLUGINS=a,b` leaves out the entry points of those names; `AUTOML_TRACE_HOOKS=1` prints hook calls.
    """
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager, trace=os.environ.get("AUTOML_TRACE_HOOKS") == "1")
    for entry in sorted(entry_points(group=GROUP), key=_built_in_first):
        _load(registry, entry)
    if not isinstance(extra, Iterable):
        raise OptionError(f"Found plugins={extra!r}; expected a list of modules or objects with hook implementations.")
    for each in (extra,) if isinstance(extra, str) else extra:
        plugin = _named(registry, each) if isinstance(each, str) else each
        if plugin is not None and not manager.is_registered(plugin):
            _add_unpackaged(registry, plugin)
    return registry


def _named(registry: Registry, name: str) -> Any:
    """Return the module of this name; None for an installed plugin, which is loaded already."""
    known = registry.records.get(name)
    if known is not None and not known.error:
        return None
    if known is not None:
        raise PluginError(f"The plugin {name!r} cannot be used: {known.error}")
    try:
        return import_module(name)
    except BREAKS as error:
        raise OptionError(
            f"{unknown_name('plugin', name, registry.records)} Nor is it a module that can be imported here: "
            f"{error_line(error)}. Give the name of either, or the module or object itself."
        ) from error


def _add_unpackaged(registry: Registry, plugin: Any) -> None:
    """Add a module or object of a script; a broken one is an error at once, since its author is the caller."""
    plain = str(getattr(plugin, "__name__", type(plugin).__name__))
    name = next(each for each in chain([plain], (f"{plain} ({n})" for n in count(2))) if each not in registry.records)
    registry.add(name, plugin, package="this session")
    if not registry.records[name].error and not registry.manager.get_hookcallers(plugin):
        raise PluginError(f"The plugin {name!r} has no hook implementations; mark its functions with @hookimpl.")
    if registry.records[name].error:
        raise PluginError(f"The plugin {name!r} cannot be used: {registry.records[name].error}")


def _load(registry: Registry, entry: EntryPoint) -> None:
    package, version = _owner(entry)
    if entry.name in _disabled():
        registry.records[entry.name] = PluginRecord(entry.name, version, package, error="disabled by the environment")
        return
    if entry.name in registry.records:
        taken = registry.records[entry.name]
        if taken.package != package:
            error = PluginError(f"Two packages name a plugin {entry.name!r}: {taken.package} and {package}.")
            registry.refuse(f"{entry.name} ({package})", error, package=package, version=version)
        return
    try:
        plugin = entry.load()
    except BREAKS as error:
        registry.refuse(entry.name, error, package=package, version=version)
        return
    registry.add(entry.name, plugin, package=package, version=version)


def _disabled() -> set[str]:
    return {name.strip() for name in os.environ.get("AUTOML_DISABLE_PLUGINS", "").split(",") if name.strip()}


def _built_in_first(entry: EntryPoint) -> tuple[bool, str]:
    return (_owner(entry)[0] != OWN_PACKAGE, entry.name)


def _owner(entry: EntryPoint) -> tuple[str, str]:
    """Return the package that lists an entry point, and its version; "" where none does."""
    return ("", "") if entry.dist is None else _name_and_version(entry.dist)


@lru_cache(maxsize=64)
def _name_and_version(package: Distribution) -> tuple[str, str]:
    return package.name, package.version  # each of the two reads and parses the package's metadata


def _own(manager: pluggy.PluginManager, hook: str, plugin: Any) -> list[Any]:
    return [impl for impl in getattr(manager.hook, hook).get_hookimpls() if impl.plugin is plugin]


def _deciding(manager: pluggy.PluginManager, plugin: Any) -> list[str]:
    callers = manager.get_hookcallers(plugin) or []
    return [caller.name for caller in callers if caller.name not in OFFERS]


def _refuse_family(spec: TaskSpec, others: Iterable[TaskSpec]) -> None:
    """Refuse a task that has the name of a family of others, or its family the name of another task.

    Where one is for several target columns and the other for one, the columns tell which is meant.
    """
    for other in others:
        shared = {spec.name, other.name} & {spec.family, other.family}
        if shared and spec.several == other.several:
            raise PluginError(
                f"The task {spec.name!r} and the task {other.name!r} share the name {shared.pop()!r} as that of a task "
                f"and of a family of tasks. Rename one of them."
            )


def discover_quietly(plugins: Iterable[Any]) -> Registry:
    """Return what all plugins offer, the process being as it was before they were imported and asked."""
    with kept_process():
        return discover(plugins)
