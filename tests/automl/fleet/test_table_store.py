"""The table store keeps one copy of what is the same, says what it lacks, and lets go of what is not used for long."""

import os
import time
from collections import namedtuple

import pytest

from automl.fleet import table_store
from automl.fleet.table_store import HERE, Part, describe_table, finish_table, keep_part, lacking, read_part, sweep

PART = 1000


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """The folder of tables; parts are small."""
    monkeypatch.setattr(table_store, "PART_BYTES", PART)
    token = HERE.set(tmp_path / "there")
    (tmp_path / "there").mkdir()
    yield table_store._root()
    HERE.reset(token)


def table_of(folder, **files):
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return describe_table("table", {name: folder / name for name in files})


def bring(folder, table, parts):
    names = {file.key: file.name for file in table.files}
    for part in parts:
        keep_part((folder / names[part.key]).read_bytes()[part.offset :][:PART], part)


def test_a_table_is_the_same_there_once_all_parts_have_come_in_any_order(tmp_path):
    table = table_of(tmp_path, a=os.urandom(3 * PART + 1), b=b"", c=os.urandom(PART))
    parts = lacking(table)
    assert len(parts) == 5
    bring(tmp_path, table, reversed(parts[1:]))
    assert lacking(table) == parts[:1]
    with pytest.raises(FileNotFoundError, match="1 parts of a are missing"):
        finish_table(table, tmp_path / "agent" / "table")
    bring(tmp_path, table, parts[:1])
    assert read_part(parts[0]) == (tmp_path / "a").read_bytes()[:PART]
    (tmp_path / "agent").mkdir(exist_ok=True)
    finish_table(table, tmp_path / "agent" / "table")
    for name in "abc":
        assert (tmp_path / "agent" / "table" / name).read_bytes() == (tmp_path / name).read_bytes()
    assert lacking(table) == ()
    assert read_part(parts[1]) == (tmp_path / "a").read_bytes()[PART : 2 * PART]


def test_a_part_that_has_changed_on_its_way_is_refused(tmp_path):
    table = table_of(tmp_path, a=b"x" * PART)
    (part,) = lacking(table)
    with pytest.raises(ValueError, match="changed on its way"):
        keep_part(b"y" * PART, part)
    assert lacking(table) == (part,)


def test_a_table_larger_than_the_disk_is_told_before_it_is_sent(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(table_store.shutil, "disk_usage", lambda path: usage(10**9, 10**9, 10 * 2**20))
    with pytest.raises(OSError, match="10 MB are free"):
        lacking(table_of(tmp_path, a=b"x" * PART))


def test_what_was_not_used_for_an_hour_goes_and_an_agent_keeps_what_it_uses(tmp_path, root):
    table = table_of(tmp_path, a=b"x" * PART)
    bring(tmp_path, table, lacking(table))
    (tmp_path / "agent").mkdir()
    finish_table(table, tmp_path / "agent" / "table")
    (kept,) = root.iterdir()
    sweep()
    assert kept.exists()
    old = time.time() - table_store.KEPT_SECONDS - 1
    os.utime(kept, (old, old))
    sweep()
    assert not kept.exists()
    assert (tmp_path / "agent" / "table" / "a").read_bytes() == b"x" * PART


def test_a_folder_that_others_may_write_to_is_not_used(root):
    root.chmod(0o777)
    with pytest.raises(PermissionError, match="not this user's alone"):
        read_part(Part("key", 0, ""))
