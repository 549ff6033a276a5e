"""Images of every form become small squares; what is no image is counted and left out."""

import time

import numpy as np
import pandas as pd
from PIL import Image

from automl.table.files.read_images import (
    ImageReader,
    describe_images,
    image_findings,
    image_hashes,
    map_images,
    with_images_beside,
)
from automl.vocabulary.findings import Severity
from automl.vocabulary.schema import Column, ColumnKind, Schema

SIDE = 32
COLUMN = Column("photo", ColumnKind.IMAGE, side=SIDE)


def series(*values):
    return pd.Series(list(values), name="photo", dtype=object)


def red(side=40):
    return Image.new("RGB", (side, side), (200, 0, 0))


def saved(folder, name, image):
    image.save(folder / name)
    return str(folder / name)


def test_broken_files_are_counted_and_count_as_missing(tmp_path):
    whole = saved(tmp_path, "whole.jpg", red(200))
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:400])
    (tmp_path / "text.png").write_text("no image at all")
    reader = ImageReader()
    cut, text = str(tmp_path / "cut.jpg"), str(tmp_path / "text.png")
    cells = reader.read(series(whole, cut, text, "gone.png", None, np.nan, " ", whole), COLUMN)
    assert [cell is not None for cell in cells] == [True, *[False] * 6, True]
    assert reader.faults["photo"] == {"broken": 1, "not an image file": 1, "no such file": 1}
    (finding,) = image_findings(reader, Schema((COLUMN,)))
    assert finding.severity is Severity.WARNING
    assert finding.found.startswith("3 of 8 images cannot be used: ")


def test_greys_and_transparent_images_are_counted_and_used(tmp_path):
    reader = ImageReader()
    given = series(Image.new("L", (9, 9)), Image.new("RGBA", (9, 9)), red())
    cells = reader.read(given, COLUMN)
    assert all(cell is not None for cell in cells)
    (finding,) = image_findings(reader, Schema((COLUMN,)))
    assert finding.severity is Severity.NOTE
    assert "1 in shades of grey" in finding.found
    assert "1 with transparency" in finding.found


def test_images_are_mapped_from_one_file_in_the_order_of_the_rows(tmp_path):
    shades = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in range(0, 200, 10)]
    reader = ImageReader(threads=2, folder=tmp_path)
    cells = reader.read(series(*shades, None), COLUMN)
    assert isinstance(cells[0].base, np.memmap | np.ndarray)
    known = np.array([cell is not None for cell in cells])
    again = map_images(reader.files["photo"], known)
    assert [int(cell[0, 0, 0]) for cell in again[:-1]] == list(range(0, 200, 10))
    assert again[-1] is None


def test_no_image_is_read_after_its_time(tmp_path):
    reader = ImageReader(ends=time.monotonic() - 1.0)
    cells = reader.read(series(red(), red()), COLUMN)
    assert cells.tolist() == [None, None]
    assert reader.faults["photo"] == {"not read for lack of time": 2}


def test_the_users_own_images_stay_as_they_are():
    image = Image.new("P", (300, 200), 3)
    array = np.ones((20, 20, 3))
    ImageReader().read(series(image, array), COLUMN)
    assert (image.mode, image.size) == ("P", (300, 200))
    assert (array == 1).all()


def test_equal_pixels_have_equal_hashes():
    one, two, other = (np.full((4, 4, 3), shade, dtype=np.uint8) for shade in (5, 5, 6))
    cells = np.array([None, None, None, None], dtype=object)
    cells[0], cells[1], cells[2] = one, two, other
    hashes = image_hashes(cells)
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] == 0


def test_the_side_follows_the_images_and_their_number():
    assert describe_images(series(*[red(32)] * 5)) == (32, "")
    assert describe_images(series(*[red(1000)] * 5)) == (224, "")
    cells = np.empty(200_000, dtype=object)
    cells.fill(np.zeros((300, 300, 3), dtype=np.uint8))
    assert describe_images(pd.Series(cells))[0] < 64


def test_paths_beside_the_tables_file_are_completed(tmp_path):
    saved(tmp_path, "a.png", red())
    frame = pd.DataFrame({"photo": ["a.png", None], "x": [1, 2]})
    found = with_images_beside(frame, tmp_path)
    assert found["photo"].tolist()[0] == str(tmp_path / "a.png")
    assert with_images_beside(frame, tmp_path / "elsewhere") is frame
