"""Folders that end with the process that made them."""

import subprocess
import sys

import pytest

from automl.errors import FolderError
from automl.machine import hold_folder
from automl.machine.hold_folder import LOCK, held, temporary_folder

KILLED = """
import os, signal
from automl.machine.hold_folder import temporary_folder
with temporary_folder() as folder:
    (folder / "data.npy").write_bytes(b"0" * 10)
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def own_temporary(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(hold_folder.tempfile, "tempdir", None)
    return tmp_path


def test_a_temporary_folder_is_gone_at_the_end(own_temporary):
    with temporary_folder() as folder:
        assert folder.parent == own_temporary
        (folder / "data.npy").write_bytes(b"0")
    assert not list(own_temporary.iterdir())


def test_what_a_killed_process_has_left_is_removed_and_what_is_in_use_stays(own_temporary):
    subprocess.run([sys.executable, "-c", KILLED], check=False, capture_output=True)
    assert len(list(own_temporary.iterdir())) == 1
    with temporary_folder() as folder, temporary_folder() as other:
        assert sorted(own_temporary.iterdir()) == sorted([folder, other])


def test_a_folder_of_somebody_else_is_not_removed(own_temporary):
    (own_temporary / "automl-notes").mkdir()
    with temporary_folder():
        pass
    assert [each.name for each in own_temporary.iterdir()] == ["automl-notes"]


def test_a_held_folder_is_refused_until_it_is_let_go(tmp_path):
    with held(tmp_path), pytest.raises(FolderError, match="Another search is running"), held(tmp_path):
        pass
    with held(tmp_path):
        assert (tmp_path / LOCK).exists()


def test_no_room_for_working_files_is_told_with_what_to_do(own_temporary, monkeypatch):
    monkeypatch.setattr(hold_folder.tempfile, "tempdir", str(own_temporary / "none"))
    with pytest.raises(FolderError, match=r"No folder for working files.*TMPDIR"), temporary_folder():
        pass
