"""Files go into a zip or a folder, and come out checked."""

import os
import zipfile

import numpy as np
import pytest

from automl.errors import ArtifactError
from automl.storage import container
from automl.storage.container import describe_files, open_container, read_checked, write_container

FILES = {"manifest.json": b"{}", "a.json": b"[1]", "deep/b.bin": bytes(range(256)) * 40}
DESCRIBED = describe_files({name: data for name, data in FILES.items() if name != "manifest.json"})


@pytest.mark.parametrize("name", ["model", "model.automl", "deep/er/model.automl"])
def test_files_come_back_and_nothing_else_is_left(tmp_path, name):
    write_container(tmp_path / name, {"old.json": b"old"})
    write_container(tmp_path / name, FILES)
    found = open_container(tmp_path / name)
    assert dict(found.sizes) == {name: len(data) for name, data in FILES.items()}
    assert read_checked(found, DESCRIBED, "manifest.json") == {name: FILES[name] for name in DESCRIBED}
    assert len(os.listdir((tmp_path / name).parent)) == 1


def test_a_zip_is_smaller_than_its_files(tmp_path):
    write_container(tmp_path / "model.automl", FILES)
    assert (tmp_path / "model.automl").stat().st_size < sum(map(len, FILES.values())) / 2


def test_files_that_would_shrink_suspiciously_are_written_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "ALWAYS_ALLOWED", 1000)
    zeros = {"zeros.bin": bytes(100_000), "noise.bin": np.random.default_rng(0).bytes(500)}
    write_container(tmp_path / "model.automl", zeros)
    assert (tmp_path / "model.automl").stat().st_size > 100_000
    assert read_checked(open_container(tmp_path / "model.automl"), describe_files(zeros), "") == zeros


def test_an_older_file_stays_where_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    write_container(tmp_path / "model.automl", FILES)

    def full(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(container, "_write_zip", full)
    with pytest.raises(ArtifactError, match="no space left"):
        write_container(tmp_path / "model.automl", {"new.json": b"new"})
    assert open_container(tmp_path / "model.automl").sizes.keys() == FILES.keys()


def test_another_way_of_packing_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.automl", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", b"{}")
    with pytest.raises(ArtifactError, match="packed in another way"):
        open_container(tmp_path / "model.automl")
