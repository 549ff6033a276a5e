"""`automl new-plugin`: what it writes installs, is found, and keeps the contract as it stands."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from automl.cli import app
from automl.cli.new_plugin import KINDS, words_of
from automl.errors import OptionError

INSTALL = """
import os, sys, setuptools
for folder in sys.argv[2:]:
    os.chdir(folder)
    options = [f"--install-dir={sys.argv[1]}"]
    setuptools.setup(script_name="setup.py", script_args=["-q", "install_lib", *options, "install_egg_info", *options])
"""
"""Reads each package's own pyproject.toml. pip cannot be asked: offline it builds only where `wheel` is installed."""
USE = """
import json, sys, pytest
from automl.registry import discover
offers = {each.package: [list(each.offers), each.error] for each in discover().plugins}
status = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", "not gpu", *sys.argv[1:]])
print(json.dumps([int(status), offers]))
"""
"""The check on a GPU is left out: finding out whether there is one imports torch, which takes seconds."""


def make(*arguments):
    """Run the command in this process; errors of the domain go through."""
    return CliRunner().invoke(app, ["new-plugin", *map(str, arguments)], catch_exceptions=False)


def run(code, *arguments, folder, paths=()):
    """Run code in a fresh Python that finds what this one finds, after `paths`; return what it prints last."""
    found = os.pathsep.join([*map(str, paths), *(path for path in sys.path if path)])
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": found},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip().splitlines()[-1:]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The folder of a new package of each kind, each called after its kind."""
    folder = tmp_path_factory.mktemp("packages")
    for kind in KINDS:
        done = make(f"some-{kind}", folder / kind, "--kind", kind)
        assert done.exit_code == 0, done.output
    return folder


@pytest.mark.long
@pytest.mark.slow
def test_a_new_package_of_every_kind_installs_is_found_and_passes_its_own_tests(packages, tmp_path):
    pytest.importorskip("setuptools", reason="the packages' build backend is not installed")
    source, target = tmp_path / "source", tmp_path / "installed"
    shutil.copytree(packages, source)  # building leaves files beside the sources
    run(INSTALL, target, *(source / kind for kind in KINDS), folder=source)
    tests = [source / kind / "tests" for kind in KINDS]
    status, offers = json.loads(run(USE, *tests, folder=target, paths=[target])[0])
    assert status == 0
    for kind in KINDS:
        assert offers[f"automl-some-{kind}"] == [[f"{kind} some_{kind}"], ""]


def test_a_new_package_reads_as_clean_code(packages):
    for command in (["check", "--select=E,F,W,UP,B"], ["format", "--check"]):
        options = ["--isolated", "--no-cache", "--line-length=120", packages]
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *options], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_has_no_word_left_open(packages, kind):
    for path in (packages / kind).rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        assert "$" not in text.replace("\n$ ", "\n"), path
    project = tomllib.loads((packages / kind / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == f"automl-some-{kind}"
    assert project["entry-points"]["automl"] == {f"some_{kind}": f"automl_some_{kind}"}


def test_without_a_path_the_folder_is_called_after_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = make("my-lda")
    assert sorted(str(each) for each in Path("automl-my-lda").rglob("*.*")) == [
        "automl-my-lda/README.md",
        "automl-my-lda/automl_my_lda.py",
        "automl-my-lda/pyproject.toml",
        "automl-my-lda/tests/test_automl_my_lda.py",
    ]
    assert "automl check-plugin my_lda" in done.output


@pytest.mark.parametrize("name", ["my-lda", "automl-my-lda", "my_lda", "automl_my_lda"])
def test_a_name_may_be_given_as_that_of_the_package_or_of_the_module(name):
    words = words_of(name, "model")
    assert [words[each] for each in ("name", "package", "module")] == ["my_lda", "automl-my-lda", "automl_my_lda"]
    assert [words[each] for each in ("constant", "camel")] == ["MY_LDA", "MyLda"]


@pytest.mark.parametrize("name", ["", "My-Model", "3d", "a b", "../up", "automl-", "a--b", "a-", "größe", "a.b"])
def test_a_name_that_no_package_may_have_is_refused(name, tmp_path):
    with pytest.raises(OptionError, match="expected small letters"):
        make(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_name_of_the_built_in_package_is_refused(tmp_path):
    with pytest.raises(OptionError, match="built-in plugins"):
        make("plugins", tmp_path / "new")


def test_a_name_that_is_offered_already_is_refused_for_that_kind_alone(tmp_path):
    with pytest.raises(OptionError, match=r"model 'lightgbm' exists.*ensemble-automl"):
        make("lightgbm", tmp_path / "new")
    assert make("lightgbm", tmp_path / "new", "--kind", "metric").exit_code == 0


def test_a_folder_that_holds_files_is_left_as_it_is(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="holds files already"):
        make("my-lda", tmp_path)
    with pytest.raises(OptionError, match="is a file"):
        make("my-lda", tmp_path / "mine.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_a_place_where_nothing_can_be_written_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="cannot be written"):
        make("my-lda", tmp_path / "mine.txt" / "new")


def test_an_unknown_kind_is_refused_with_those_there_are(tmp_path):
    done = make("my-lda", tmp_path / "new", "--kind", "colour")
    assert done.exit_code == 2
    assert "preprocessor" in done.output
