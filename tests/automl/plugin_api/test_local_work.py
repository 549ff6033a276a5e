"""On this machine what is published and put are files, and a file tells of a call that is under way."""

from concurrent.futures import Future

import pytest

from automl.plugin_api.local_work import (
    MOST_CHARACTERS,
    LocalCall,
    LocalWorkplace,
    discard_locally,
    fetch_locally,
    publish_locally,
    run_locally,
)
from automl.vocabulary.refs import Ref


def test_what_a_function_puts_is_fetched_until_it_is_discarded(tmp_path):
    put = LocalWorkplace(tmp_path).put("member", b"first")
    assert fetch_locally(put) == b"first"
    assert fetch_locally(LocalWorkplace(tmp_path).put("member", b"again")) == b"again"
    discard_locally(put)
    discard_locally(put)
    with pytest.raises(OSError, match="member"):
        fetch_locally(put)


def test_without_a_folder_nothing_can_be_put():
    with pytest.raises(OSError, match="no folder to keep 'member' in"):
        LocalWorkplace().put("member", b"")


def test_published_files_are_found_where_they_are_or_where_they_lie_here(tmp_path):
    ref = publish_locally("table", {"target": tmp_path / "there"})
    assert LocalWorkplace().files(ref) == {"target": tmp_path / "there"}
    here = LocalWorkplace(published={"table": {"target": tmp_path / "here"}})
    assert here.files(ref) == {"target": tmp_path / "here"}
    assert here.files(Ref("other", place=(("a", "b"),)))["a"].name == "b"


def test_a_call_begins_with_its_file_and_leaves_its_last_words_in_it(tmp_path):
    call = LocalCall.in_folder(tmp_path)
    assert call.began() is None

    def works(place, value):
        seen.append(call.began())
        place.words.write(b"at work")
        place.words.flush()
        return value

    seen = []
    assert run_locally(tmp_path, call.words, works, 3) == 3
    assert seen[0] is not None
    assert call.began() == seen[0]
    assert call.last_words() == ""
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_function_wrote_is_read_once_and_cut(tmp_path):
    call = LocalCall.in_folder(tmp_path)
    call.words.write_text("x" * (MOST_CHARACTERS + 9))
    started = call.started(Future())
    assert len(started.last_words()) == MOST_CHARACTERS
    assert started.last_words() == ""


def test_where_no_file_can_be_made_the_function_runs_all_the_same(tmp_path):
    words = tmp_path / "no such folder" / "file"
    assert run_locally(tmp_path, words, lambda place: place.words) is None
