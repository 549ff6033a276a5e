"""Each part is a file of its own; one that has no plain form is pickled alone, and only read with trust."""

import threading

import numpy as np
import pytest

from automl.errors import ArtifactError
from automl.storage.parts import PartsReader, PartsWriter
from tests.automl.storage.values import KNOWN, Forgetful, Plain, Point


def make(x):
    return Point(x)


class Other:
    """Pickles by a function."""

    def __init__(self, point):
        self.point = point

    def __reduce__(self):
        return Other, (self.point,)


def written():
    writer, point = PartsWriter(KNOWN), Point(3.0)
    writer.share("shared", point)
    writer.add("plain", Plain(point=point, array=np.arange(3)))
    writer.add("odd", Other(point))
    return writer


def test_parts_are_files_and_the_odd_one_is_pickled_and_named():
    writer = written()
    assert set(writer.files) == {"shared.json", "plain.json", "plain.bin", "odd.pkl"}
    assert list(writer.pickled) == ["odd.pkl"]
    assert "Other" in writer.pickled["odd.pkl"]
    assert writer.files_of("plain") == ["plain.json", "plain.bin"]


def test_parts_share_what_they_shared_also_with_a_pickled_one():
    reader = PartsReader(written().files, KNOWN, trusted=True)
    point = reader.get_shared("shared")
    assert reader.get("plain").point is point
    assert reader.get("odd").point is point


def test_a_pickled_part_is_not_read_without_trust():
    with pytest.raises(ArtifactError, match="expected trusted=True"):
        PartsReader(written().files, KNOWN).get("odd")


def test_a_part_in_the_place_of_another_is_refused():
    files = written().files
    with pytest.raises(ArtifactError, match="swapped"):
        PartsReader({"shared.json": files["plain.json"]}, KNOWN).get("shared")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff", b'{"part": "a"}', b'{"part": "a", "value": {"$": "bytes", "at": [0, 1]}}']
)
def test_a_part_that_is_damaged_is_refused(content):
    with pytest.raises(ArtifactError, match="The part 'a' cannot be loaded"):
        PartsReader({"a.json": content}, KNOWN).get("a")


def test_what_can_be_saved_in_no_way_is_said():
    with pytest.raises(ArtifactError, match="can be saved in no way"):
        PartsWriter(KNOWN).add("part", threading.Lock())


def test_a_plugins_own_state_is_what_is_saved():
    writer = PartsWriter(KNOWN)
    writer.add("part", Forgetful())
    assert writer.pickled == {}
