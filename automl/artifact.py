"""Artifact: a saved predictor, one file or a folder with a readable manifest, checked before anything of it is used."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from automl.errors import ArtifactError, PluginError
from automl.fitted.member import FittedMember, Member
from automl.plugin_api.protocols import Combiner
from automl.plugin_api.specs import ModelSpec
from automl.predictor import Predictor
from automl.registry import OWN_PACKAGE, Registry
from automl.steps.plan.check_labels import check_labels
from automl.storage.container import (
    SUFFIX,
    Container,
    describe_files,
    open_container,
    read_checked,
    write_container,
)
from automl.storage.known_classes import known_classes
from automl.storage.parts import PartsReader, PartsWriter
from automl.storage.versions import versions_behind, versions_of
from automl.vocabulary.places import place_of
from automl.vocabulary.schema import Schema
from automl.vocabulary.task import Task, TaskKind

KIND, FORMAT = "automl predictor", 2
MANIFEST = "manifest.json"
OF_TASK = ("decide", "decides_by_group", "widen", "in_lists")
"""What a predictor has of its task's plugin, which is not saved."""
MOST_MANIFEST = 64 * 2**20
"""Bytes of a manifest; one of a hundred thousand columns has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a saved predictor holds: the predictor, the report beside it, and what its manifest says."""

    predictor: Predictor
    report: Mapping[str, Any]
    manifest: Mapping[str, Any]


def save_artifact(
    predictor: Predictor, report: Mapping[str, Any], path: str | Path, facts: Mapping[str, Any], registry: Registry
) -> Path:
    """Write one file where the path ends in `.automl`, else a folder; an older artifact there is replaced.

    `report` holds what is kept beside the predictor, `facts` what the manifest is to say. A member of classes that are
    not known is pickled, and the manifest says so.
    """
    place = place_of(path)
    check_place(place)
    check_labels(predictor.task, registry)
    writer = PartsWriter(known_classes(registry.manager.get_plugins()))
    names = [f"members/{number:02d}-{_plain(member.model)}" for number, member in enumerate(predictor.members)]
    head = _head(predictor, names)
    head["shared"] = _write_shared(writer, predictor)
    for name, member in zip(names, predictor.members, strict=True):
        writer.add(name, member.folds)
    writer.add("combiner", predictor.combiner)
    writer.add("predictor", head)
    writer.add("report", dict(report))
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        **facts,
        "members": [_describe(writer, name, member) for name, member in zip(names, predictor.members, strict=True)],
        "holds_training_rows": _keepers(predictor, registry),
        "pickled": writer.pickled,
        "plugins": _plugins(predictor, writer.classes, registry),
        "versions": installed_versions(predictor, registry),
        "files": describe_files(writer.files),
    }
    text = json.dumps(manifest, indent=1, default=str).encode()
    write_container(place, {MANIFEST: text, **writer.files})
    return place


def load_artifact(path: str | Path, registry: Registry, *, trusted: bool = False) -> Artifact:
    """Read what `save_artifact` wrote, after comparing every file with the manifest.

    Nothing of it runs: it is data for classes of automl, of the registered plugins and of scikit-learn. Only with
    `trusted` are members unpickled, which can run anything that their author likes.
    """
    container, manifest = _open(place_of(path))
    files = read_checked(container, manifest["files"], MANIFEST)
    pickled = sorted(name for name in files if name.endswith(".pkl"))
    if pickled and not trusted:
        raise ArtifactError(
            f"{str(path)!r} holds pickled parts, whose loading can run any code: {', '.join(pickled)}. Expected "
            f"none, or trusted=True (--trusted on the command line); give it only if you trust whoever made this file."
        )
    reader = PartsReader(files, known_classes(registry.manager.get_plugins()), trusted)
    try:
        predictor = _with_task(_read_predictor(reader), registry)
        return Artifact(predictor, _expect(reader.get("report"), dict, "report"), manifest)
    except ArtifactError as error:
        raise ArtifactError(f"{str(path)!r} cannot be used: {error} {_differences(manifest)}".rstrip()) from error


def inspect_artifact(path: str | Path) -> Mapping[str, Any]:
    """Return the manifest, once every file has been compared with it; no member is rebuilt."""
    container, manifest = _open(place_of(path))
    read_checked(container, manifest["files"], MANIFEST)
    return manifest


def check_place(place: Path) -> None:
    """Refuse a place that holds anything but a saved predictor of the same form."""
    place = place_of(place)
    is_file = place.suffix == SUFFIX
    if not place.exists() or (place.is_dir() and not is_file and not any(place.iterdir())):
        return
    try:
        if place.is_dir() != is_file and MANIFEST in open_container(place).sizes:
            return
    except ArtifactError:
        pass
    raise ArtifactError(f"{str(place)!r} exists and is no saved predictor; choose another path.")


def installed_versions(predictor: Predictor, registry: Registry) -> dict[str, str]:
    """Return the versions of Python and of the packages that a predictor depends on."""
    return versions_behind(_specs(predictor, registry))


def _open(path: Path) -> tuple[Container, dict[str, Any]]:
    if path.is_dir() and not (path / MANIFEST).is_file():
        raise ArtifactError(f"{str(path)!r} holds no {MANIFEST}; expected a folder or file that save() has written.")
    container = open_container(path)
    if not 0 < container.sizes.get(MANIFEST, 0) <= MOST_MANIFEST:
        raise ArtifactError(f"{str(path)!r} holds no {MANIFEST}; expected a folder or file that save() has written.")
    try:
        manifest = json.loads(container.read(MANIFEST))
    except (ValueError, RecursionError, OSError) as error:
        raise ArtifactError(f"The manifest of {str(path)!r} cannot be read: {error}. Save the model anew.") from error
    if not isinstance(manifest, dict):
        raise ArtifactError(f"The manifest of {str(path)!r} holds a {type(manifest).__name__}; expected an object.")
    _check_format(path, manifest)
    return container, manifest


def _check_format(path: Path, manifest: dict[str, Any]) -> None:
    found, versions = manifest.get("format"), manifest.get("versions")
    by = versions.get(OWN_PACKAGE, "unknown") if isinstance(versions, dict) else "unknown"
    if found == 1:
        raise ArtifactError(
            f"{str(path)!r} has the format 1, which is pickled and not read any more; this version reads format "
            f"{FORMAT}. Fit and save the model anew; version {by} of {OWN_PACKAGE} saved it and can still load it."
        )
    if found != FORMAT:
        raise ArtifactError(
            f"{str(path)!r} has the format {found!r}; this version reads format {FORMAT}. Install the version of "
            f"{OWN_PACKAGE} that saved it, {by}, or a newer one."
        )
    files = manifest.get("files")
    if manifest.get("kind") != KIND or not isinstance(files, dict) or not all(map(_is_described, files.values())):
        raise ArtifactError(f"{str(path)!r} is no saved predictor: its manifest describes something else.")


def _is_described(facts: Any) -> bool:
    return isinstance(facts, dict) and isinstance(facts.get("bytes"), int) and isinstance(facts.get("sha256"), str)


def _head(predictor: Predictor, names: list[str]) -> dict[str, Any]:
    """Return all of a predictor but its fitted parts, with the names of the parts that its members are in."""
    members = [
        {**_fields(member, "folds"), "part": name} for member, name in zip(predictor.members, names, strict=True)
    ]
    return {**_fields(predictor, "members", "combiner", *OF_TASK), "members": members}


def _fields(record: Any, *besides: str) -> dict[str, Any]:
    found = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in besides}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in found.items()}


def _write_shared(writer: PartsWriter, predictor: Predictor) -> list[str]:
    """Write preparations that several fold models share once, and return the names of their parts."""
    preparations = {id(fold.preparation): fold.preparation for member in predictor.members for fold in member.folds}
    uses = Counter(id(fold.preparation) for member in predictor.members for fold in member.folds)
    shared = [each for each in preparations.values() if uses[id(each)] > 1]
    names = [f"preparations/{number:02d}" for number in range(len(shared))]
    for name, preparation in zip(names, shared, strict=True):
        writer.share(name, preparation)
    return names


def _read_predictor(reader: PartsReader) -> Predictor:
    head = _expect(reader.get("predictor"), dict, "predictor")
    try:
        for name in head.pop("shared"):
            reader.get_shared(name)
        members = tuple(_read_member(reader, facts) for facts in head.pop("members"))
        _expect(head["schema"], Schema, "schema")
        _expect(head["task"], Task, "task")
        combiner = _expect(reader.get("combiner"), Combiner, "combiner")
        return Predictor(members=members, combiner=combiner, **head)
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"Its parts do not fit together: {type(error).__name__}: {error}.") from error


def _with_task(predictor: Predictor, registry: Registry) -> Predictor:
    """Return the predictor with what the plugin of its task says; the engine's own kinds need none to predict."""
    kind = predictor.task.kind
    if kind in tuple(TaskKind) and kind.value not in registry.tasks:
        return predictor
    try:
        spec = registry.task_spec(kind)
        return replace(predictor, **{name: getattr(spec, name) for name in OF_TASK})
    except PluginError as error:
        raise ArtifactError(str(error)) from error


def _read_member(reader: PartsReader, facts: dict[str, Any]) -> Member:
    part = facts.pop("part")
    folds = _expect(reader.get(part), tuple, part)
    for fold in folds:
        _expect(fold, FittedMember, part)
    member = Member(folds=folds, **facts)
    if not set(member.dealt or (0,)) <= set(range(len(folds))):
        raise ArtifactError(f"The part {part!r} holds {len(folds)} fold models; expected those at {member.dealt}.")
    return member


def _expect(value: Any, kind: type[Any], name: str) -> Any:
    if not isinstance(value, kind):
        raise ArtifactError(f"The part {name!r} holds a {type(value).__name__}; expected a {kind.__name__}.")
    return value


def _describe(writer: PartsWriter, name: str, member: Member) -> dict[str, Any]:
    files = writer.files_of(name)
    return {
        "model": member.model,
        "weight": member.weight,
        "params": dict(member.params),
        "folds": len(member.folds),
        "predicting": len(member.predicting),
        "bytes": sum(len(writer.files[file]) for file in files),
        "files": files,
    }


def _keepers(predictor: Predictor, registry: Registry) -> list[str]:
    """Return the models among the members that keep rows of the training table."""
    return [spec.name for spec in _specs(predictor, registry) if spec.keeps_rows]


def _plugins(predictor: Predictor, classes: set[str], registry: Registry) -> dict[str, dict[str, str]]:
    """Return name, package and version of the plugins whose models or classes are in a predictor."""
    modules = {name.partition(":")[0] for name in classes}
    offers = {f"model {spec.name}" for spec in _specs(predictor, registry)}
    used = {}
    for record in registry.plugins:
        module = getattr(registry.manager.get_plugin(record.name), "__name__", None)
        if module in modules or offers & set(record.offers):
            used[record.name] = {"package": record.package, "version": record.version}
    return used


def _specs(predictor: Predictor, registry: Registry) -> list[ModelSpec]:
    """Return the specs of the members' models, as far as their plugins are there."""
    from automl.steps.plan.borrow_models import serving_specs  # which predicting has no need of

    names, task = {member.model for member in predictor.members}, predictor.task
    loans = registry.tasks[task.kind.value].loans if task.kind.value in registry.tasks else ()
    specs = [spec for _, spec in sorted(registry.models.items())]
    return [spec for spec in specs if names & {spec.name, *(each.name for each in serving_specs(spec, task, loans))}]


def _differences(manifest: Mapping[str, Any]) -> str:
    """Return which packages and plugins it was saved with and are another version here, or are missing."""
    versions, plugins = (_table_of(manifest.get(name)) for name in ("versions", "plugins"))
    saved = {name: str(each) for name, each in versions.items() if name and name != "python"}
    named = [each for each in map(_table_of, plugins.values()) if each.get("package") and each.get("version")]
    saved |= {str(each["package"]): str(each["version"]) for each in named}
    here = versions_of(saved)
    told = [
        f"{name} {each} (here {here.get(name, 'missing')})" for name, each in saved.items() if here.get(name) != each
    ]
    return f"It was saved with {', '.join(told)}." if told else ""


def _table_of(found: Any) -> dict[str, Any]:
    """Return what a manifest should hold as an object; an empty one where it holds something else."""
    return found if isinstance(found, dict) else {}


def _plain(name: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "_" for each in name) or "model"
