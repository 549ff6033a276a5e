"""A file appears under its name once all of it is written, or stays as it was."""

import pytest

from automl.plugin_api.write_whole import PART, write_whole


@pytest.mark.parametrize("sync", [False, True])
def test_an_older_file_gives_way_to_the_whole_new_one(tmp_path, sync):
    path = tmp_path / "file"
    path.write_bytes(b"a much longer content")
    write_whole(path, b"new", sync=sync)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_where_writing_breaks_the_older_file_stays_and_nothing_beside_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_whole(path, "no bytes")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_where_it_cannot_take_its_place_nothing_is_left_under_way(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        write_whole(tmp_path / "file", b"data")
    assert not list(tmp_path.glob(f"*{PART}"))
