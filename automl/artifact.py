"""Artifact: a saved predictor, a folder with a readable manifest and the fitted members, checked when it is loaded."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import cloudpickle

from automl.errors import ArtifactError

FORMAT = 1
MANIFEST = "manifest.json"
CONTENT = "predictor.pkl"
TRACKED = ("ensemble-automl", "numpy", "pandas", "scikit-learn", "lightgbm")


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a saved predictor holds: the object, and what its manifest says of it."""

    content: Any
    manifest: dict[str, Any]


def save_artifact(content: Any, path: str | Path, facts: dict[str, Any]) -> Path:
    """Write a folder; an artifact that was there before is replaced once the new one is complete."""
    folder = Path(path)
    if folder.exists() and not (folder / MANIFEST).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError(f"{str(folder)!r} exists and is no saved predictor; choose another path.")
    try:
        data = cloudpickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        raise ArtifactError(
            f"The predictor cannot be pickled: {type(error).__name__}: {error}. A learner, preprocessor or metric of a "
            f"plugin, or a function given as metric, holds something that belongs to this process alone."
        ) from error
    fresh = folder.with_name(folder.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
    except OSError as error:
        raise ArtifactError(f"The folder {str(folder)!r} cannot be made: {error}. Choose another path.") from error
    (fresh / CONTENT).write_bytes(data)
    manifest = {
        "format": FORMAT,
        "files": {CONTENT: hashlib.sha256(data).hexdigest()},
        "versions": installed_versions(),
        **facts,
    }
    (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1, default=str), encoding="utf-8")
    if folder.exists():
        shutil.rmtree(folder)
    fresh.rename(folder)
    return folder


def load_artifact(path: str | Path) -> Artifact:
    """Read a folder written by `save_artifact`, after comparing every file's sha256 with the manifest.

    The members are pickled: load only what you trust, as its loading can run code.
    """
    folder = Path(path)
    if not (folder / MANIFEST).is_file():
        raise ArtifactError(f"{str(folder)!r} holds no {MANIFEST}; expected a folder written by save().")
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ArtifactError(f"The manifest of {str(folder)!r} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise ArtifactError(f"The manifest of {str(folder)!r} holds a {type(manifest).__name__}; expected an object.")
    if manifest.get("format") != FORMAT:
        raise ArtifactError(
            f"{str(folder)!r} has the format {manifest.get('format')!r}; this version reads format {FORMAT}. "
            f"Load it with the version that saved it: {manifest.get('versions', {}).get('ensemble-automl', 'unknown')}."
        )
    return Artifact(_checked_content(folder, manifest), manifest)


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages that a predictor depends on."""
    found = {}
    for name in TRACKED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _checked_content(folder: Path, manifest: dict[str, Any]) -> Any:
    try:
        data = (folder / CONTENT).read_bytes()
    except OSError as error:
        raise ArtifactError(f"{str(folder)!r} is incomplete: {error}") from error
    if hashlib.sha256(data).hexdigest() != manifest.get("files", {}).get(CONTENT):
        raise ArtifactError(f"{str(folder / CONTENT)!r} differs from its manifest: damaged or changed. Save it anew.")
    try:
        return pickle.loads(data)
    except Exception as error:
        raise ArtifactError(
            f"{str(folder)!r} cannot be loaded here: {type(error).__name__}: {error}. It was saved with "
            f"{manifest.get('versions')}; here are {installed_versions()}."
        ) from error
