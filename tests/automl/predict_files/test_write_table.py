"""Write the table: whole or not at all, in the form that the name says."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from automl.errors import InputError, OptionError
from automl.predict_files import write_table
from automl.predict_files.write_table import Form, check_output, opened

TABLE = pd.DataFrame({"id": [1, 2], "label": ["ä", "b"]})


def write(output, tables, types=()):
    """Write tables below each other."""
    form = Form(output.suffix == ".parquet")
    names = form.pack(tables[0].head(0), names=True)
    with opened(output, form, names=names, types=dict(types)) as file:
        for table in tables:
            file.add(form.pack(table))


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.zip"])
def test_text_is_packed_as_the_name_says(suffix, tmp_path):
    write(tmp_path / f"out{suffix}", [TABLE, TABLE])
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / f"out{suffix}"), pd.concat([TABLE, TABLE], ignore_index=True))
    if suffix == ".csv.zip":
        assert zipfile.ZipFile(tmp_path / "out.csv.zip").namelist() == ["out.csv"]
    if suffix == ".csv.gz":
        assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == "id,label\n1,ä\n2,b\n1,ä\n2,b\n".encode()


def test_types_that_the_first_rows_do_not_tell_are_those_that_were_said(tmp_path):
    first, later = TABLE.assign(id=[None, None]), TABLE.assign(id=["x", None])
    write(tmp_path / "out.parquet", [first, later], {"id": pa.string()})
    assert pd.read_parquet(tmp_path / "out.parquet")["id"].tolist()[2] == "x"


def test_a_category_may_have_other_values_in_each_block(tmp_path):
    tables = [TABLE.assign(label=pd.Categorical([name, None])) for name in ("a", "b", "a")]
    write(tmp_path / "out.parquet", tables, {"label": pa.dictionary(pa.int32(), pa.string())})
    assert pd.read_parquet(tmp_path / "out.parquet")["label"].tolist()[::2] == ["a", "b", "a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_one_error_and_leaves_the_older_file(tmp_path, monkeypatch):
    (tmp_path / "out.csv").write_text("of before")
    full = Path("/dev/full")
    monkeypatch.setattr(write_table, "_text_stream", lambda *_: full.open("wb", buffering=0))
    with pytest.raises(InputError, match="No space left"):
        write(tmp_path / "out.csv", [TABLE])
    assert (tmp_path / "out.csv").read_text() == "of before"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_folder_that_is_read_gets_no_further_part(tmp_path):
    TABLE.to_parquet(tmp_path / "part.parquet")
    with pytest.raises(OptionError, match="would be written over"):
        check_output(tmp_path / "parts" / "out.parquet", tmp_path)
    check_output(tmp_path / "parts" / "out.csv", tmp_path)
