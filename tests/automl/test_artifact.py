"""A saved predictor comes back, replaces an older one, and is refused when it is not what was saved."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from automl.artifact import CONTENT, MANIFEST, load_artifact, save_artifact
from automl.errors import ArtifactError


def test_content_and_facts_come_back_and_the_newer_replaces_the_older(tmp_path: Path):
    save_artifact({"weights": [1, 2]}, tmp_path / "model", {"metric": "rmse"})
    save_artifact({"weights": [3]}, tmp_path / "model", {"metric": "mae"})
    loaded = load_artifact(tmp_path / "model")
    assert loaded.content == {"weights": [3]}
    assert loaded.manifest["metric"] == "mae"
    assert loaded.manifest["versions"]["numpy"]
    assert [each.name for each in tmp_path.iterdir()] == ["model"]


def test_functions_of_a_script_are_saved_too(tmp_path: Path):
    assert load_artifact(save_artifact(lambda x: x + 1, tmp_path / "model", {})).content(1) == 2


def change_content(folder: Path):
    (folder / CONTENT).write_bytes((folder / CONTENT).read_bytes() + b"x")


def change_format(folder: Path):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": 99}))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (change_content, "differs from its manifest"),
        (change_format, "has the format 99; this version reads format 1"),
        (lambda folder: (folder / CONTENT).unlink(), "is incomplete"),
        (lambda folder: (folder / MANIFEST).unlink(), "holds no manifest.json"),
        (lambda folder: (folder / MANIFEST).write_text("{"), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text("[]"), "holds a list"),
    ],
)
def test_a_damaged_artifact_is_refused_before_it_is_unpickled(tmp_path: Path, damage, said):
    folder = save_artifact([1], tmp_path / "model", {})
    damage(folder)
    with pytest.raises(ArtifactError) as caught:
        load_artifact(folder)
    assert said in str(caught.value)


def test_nothing_else_is_ever_overwritten(tmp_path: Path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    (tmp_path / "file").write_text("keep")
    for name in ("notes", "file"):
        with pytest.raises(ArtifactError, match="is no saved predictor"):
            save_artifact([1], tmp_path / name, {})
    assert (tmp_path / "notes" / "mine.txt").read_text() == (tmp_path / "file").read_text() == "keep"
    with pytest.raises(ArtifactError, match="cannot be made"):
        save_artifact([1], tmp_path / "file" / "model", {})


def test_what_cannot_be_pickled_is_said_and_the_older_artifact_stays(tmp_path: Path):
    save_artifact([1], tmp_path / "model", {})
    with pytest.raises(ArtifactError, match="cannot be pickled"):
        save_artifact(threading.Lock(), tmp_path / "model", {})
    assert load_artifact(tmp_path / "model").content == [1]
