"""`automl new-plugin`: make a package that offers a plugin, with its tests, to start one's own from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

PREFIX = "automl-"
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


class Kind(StrEnum):
    """What a new package offers."""

    MODEL = "model"
    METRIC = "metric"
    PREPROCESSOR = "preprocessor"
    ENSEMBLER = "ensembler"


@dataclass(frozen=True, slots=True)
class KindOfPlugin:
    """What the packages of the kinds differ in: how the plugin is used, in words and by a command, and its needs."""

    use: str
    command: str
    dependencies: tuple[str, ...] = ("ensemble-automl>=0.1",)


KINDS: dict[str, KindOfPlugin] = {
    "model": KindOfPlugin(
        "Every search may then try it; to see it at work beside another:",
        "automl fit train.csv --target price --models $name,lightgbm",
        ("ensemble-automl>=0.1", "scikit-learn>=1.5"),
    ),
    "metric": KindOfPlugin("A search optimises it by name:", "automl fit train.csv --target price --metric $name"),
    "preprocessor": KindOfPlugin(
        'A model uses it where a configuration of its `ModelSpec` names it: `{"prepare.extra": "$name"}` puts its\n'
        "features beside the usual ones. So it needs a model of yours:",
        "automl new-plugin my-model",
        ("ensemble-automl>=0.1", "numpy>=1.26", "pandas>=2.2"),
    ),
    "ensembler": KindOfPlugin(
        "Every search then considers it beside the built-in ones; to ask for it alone:",
        "automl fit train.csv --target price --ensemble $name",
        ("ensemble-automl>=0.1", "numpy>=1.26", "scipy>=1.12"),
    ),
}


def new_plugin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the plugin is to be called, such as my-model.")],
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="Folder to make; by default automl-NAME in this one.")
    ] = None,
    *,
    kind: Annotated[Kind, typer.Option(help="What it offers.")] = Kind.MODEL,
) -> None:
    """Make a package with a plugin that works, tests that hold it against the contract, and a README."""
    words = words_of(name, kind.value)
    check_free(words["name"], kind.value)
    folder = path or Path(words["package"])
    written = write_package(words, kind.value, folder)
    typer.echo("\n".join(f"wrote {each}" for each in written))
    typer.echo(f"next: cd {folder} && pip install -e '.[test]' && pytest && automl check-plugin {words['name']}")


def words_of(name: str, kind: str) -> dict[str, str]:
    """Return what the templates' words stand for; an OptionError for a name that can be none of a package."""
    from automl.errors import OptionError

    plain = name.removeprefix(PREFIX).removeprefix("automl_")
    if not NAME.fullmatch(plain):
        raise OptionError(
            f"Found the name {name!r}; expected small letters and digits, beginning with a letter, with single '-' or "
            f"'_' between words, such as 'my-model'."
        )
    plain = plain.replace("-", "_")
    if plain == "plugins":
        raise OptionError(
            f"Found the name {name!r}; automl_builtins is the package of the built-in plugins. Choose another."
        )
    about = KINDS[kind]
    return {
        "kind": kind,
        "name": plain,
        "package": PREFIX + plain.replace("_", "-"),
        "module": f"automl_{plain}",
        "constant": plain.upper(),
        "camel": "".join(part.capitalize() for part in plain.split("_")),
        "use": Template(about.use).substitute(name=plain),
        "command": Template(about.command).substitute(name=plain),
        "dependencies": ", ".join(f'"{each}"' for each in about.dependencies),
    }


def check_free(name: str, kind: str) -> None:
    """Refuse a name that an installed plugin offers already: of two, automl would leave one out."""
    from automl.errors import OptionError
    from automl.registry import discover

    offer = f"{kind} {name}"
    owner = next((each for each in discover().plugins if offer in each.offers), None)
    if owner is not None:
        raise OptionError(
            f"The {kind} {name!r} exists: the plugin {owner.name!r} of {owner.package} {owner.version} offers it. "
            "Choose another name."
        )


def write_package(words: dict[str, str], kind: str, folder: Path) -> list[Path]:
    """Write the package's files into a folder that is new or empty; return their paths."""
    from automl.errors import OptionError

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "holds files already" if folder.is_dir() else "is a file"
        raise OptionError(
            f"{str(folder)!r} {what}; nothing was written. Give the path of a folder that is new or empty."
        )
    targets = {
        "pyproject.toml.template": folder / "pyproject.toml",
        "README.md.template": folder / "README.md",
        f"{kind}.py.template": folder / f"{words['module']}.py",
        "test_plugin.py.template": folder / "tests" / f"test_{words['module']}.py",
    }
    templates = files("automl.cli") / "templates"
    try:
        (folder / "tests").mkdir(parents=True, exist_ok=True)
        for template, target in targets.items():
            text = Template((templates / template).read_text(encoding="utf-8")).substitute(words)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OptionError(f"The folder {str(folder)!r} cannot be written: {error}. Choose another place.") from error
    return list(targets.values())
