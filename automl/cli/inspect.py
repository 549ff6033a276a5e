"""`automl inspect`: show what a saved model is made of, without loading any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

SHOWN_COLUMNS = 30


def inspect(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A saved model, a file or a folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest as it is.")] = False,
) -> None:
    """Show task, target, score, members, columns and versions of a saved model; every file's sha256 is compared."""
    import json

    from automl.artifact import inspect_artifact
    from automl.cli._output import print_table
    from automl.errors import ArtifactError

    manifest = inspect_artifact(model)
    if as_json:
        typer.echo(json.dumps(manifest, indent=1))
        return
    try:
        tables = [
            (str(model), ("", "value"), list(summary(manifest))),
            ("Members", ("model", "weight", "folds", "kB", "kept as", "params"), list(members(manifest))),
            (f"{len(manifest['columns'])} columns", ("column", "kind"), list(columns(manifest))),
            ("Plugins", ("plugin", "package", "version"), list(plugins(manifest))),
            ("Versions", ("package", "version"), list(manifest["versions"].items())),
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArtifactError(
            f"The manifest of {str(model)!r} is not complete: {type(error).__name__}: {error}. Save the model anew."
        ) from error
    for title, names, rows in tables:
        print_table(title, names, rows)


def summary(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a model is, in words."""
    low, high = manifest["interval"]
    sizes = [each["bytes"] for each in manifest["files"].values()]
    yield "task", manifest["task"]
    yield "target", manifest["target"]
    if manifest["classes"]:
        yield "classes", ", ".join(str(each) for each in manifest["classes"][:SHOWN_COLUMNS])
    yield "score", f"{manifest['metric']} {manifest['score']:.5g}, 95 % interval {low:.5g} to {high:.5g}"
    yield "ensemble", f"{manifest['ensemble']} of {len(manifest['members'])}"
    yield "files", f"{len(sizes)}, {sum(sizes) / 1000:.0f} kB unpacked; all are as they were saved"
    yield "holds training rows", ", ".join(manifest["holds_training_rows"]) or "no"
    yield "pickled", ", ".join(manifest["pickled"]) or "nothing; it can be loaded without trust"
    yield "format", str(manifest["format"])


def members(manifest: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each member, the heaviest first."""
    for member in sorted(manifest["members"], key=lambda each: -each["weight"]):
        is_pickled = any(file in manifest["pickled"] for file in member["files"])
        params = ", ".join(f"{name}={value}" for name, value in member["params"].items())
        kept_as = "pickle" if is_pickled else "data"
        folds = f"{member.get('predicting', member['folds'])} of {member['folds']}"
        yield member["model"], member["weight"], folds, round(member["bytes"] / 1000), kept_as, params


def columns(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and kind of the first columns."""
    found = list(manifest["columns"].items())
    yield from found[:SHOWN_COLUMNS]
    if len(found) > SHOWN_COLUMNS:
        yield f"... and {len(found) - SHOWN_COLUMNS} more", ""


def plugins(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield name, package and version of each plugin that a model is made by."""
    for name, each in manifest["plugins"].items():
        yield name, each["package"], each["version"]
