"""Predict a file: block by block what the whole gives, and one error that leaves nothing behind."""

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl.errors import InputError, OptionError
from automl.predict_files import block_by_block, predict_file
from tests.automl.predict_files.conftest import N_ROWS


@pytest.fixture
def by_blocks(few_at_once, monkeypatch):
    """Files are not to be read at once."""
    monkeypatch.setattr(predict_file, "_at_once", refuse)


def workers_left():
    """Return the processes that this one has started, but for loky's own, which collects what others leave."""
    return [each for each in psutil.Process().children() if "resource_tracker" not in " ".join(each.cmdline())]


def refuse(*arguments):
    raise AssertionError("the file was read at once")


@pytest.fixture
def parquet(rows, tmp_path):
    """A file with row groups of very different sizes."""
    table = pa.Table.from_pandas(rows.astype({"town": "category"})).replace_schema_metadata(None)
    with pq.ParquetWriter(tmp_path / "rows.parquet", table.schema) as writer:
        for start, end in [(0, 3), (3, 150), (150, 150), (150, 151), (151, N_ROWS)]:
            writer.write_table(table.slice(start, end - start))
    return tmp_path / "rows.parquet"


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.csv.gz", "out.csv.zip"])
def test_blocks_are_predicted_as_the_whole_is(name, by_blocks, model, parquet, tmp_path):
    assert model.predict_file(parquet, tmp_path / name, probabilities=True, identifier="case") == N_ROWS
    path = tmp_path / name
    written = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path, dtype=str).map(float)
    assert list(written.columns) == ["case", "no", "yes"]
    assert written["case"].tolist() == list(range(1000, 1000 + N_ROWS))
    assert np.array_equal(written[["no", "yes"]].to_numpy(), model.predict_proba(str(parquet)))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == [name]


def test_labels_and_their_sets_are_written_as_the_whole_would_be(few_at_once, model, parquet, tmp_path, monkeypatch):
    model.predict_file(parquet, tmp_path / "blocks.csv", labels=0.9, identifier="case")
    monkeypatch.setattr(predict_file, "open_rows", lambda *arguments: None)
    model.predict_file(parquet, tmp_path / "whole.csv", labels=0.9, identifier="case")
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_workers_predict_the_same_and_are_gone_afterwards(by_blocks, model, parquet, tmp_path, monkeypatch):
    monkeypatch.setattr(block_by_block, "WORTH_SECONDS", -1.0)
    told = []
    model.predict_file(parquet, tmp_path / "out.parquet", probabilities=True, tell=told.append)
    written = pd.read_parquet(tmp_path / "out.parquet")
    assert np.array_equal(written.to_numpy(), model.predict_proba(str(parquet)))
    assert [each.done for each in told] == [40, 80, 120, 160, 200, 210]
    assert [each.workers for each in told] == [0, 0, 2, 2, 2, 2]
    assert not workers_left()


@pytest.mark.parametrize("worth", [pytest.param(-1.0, marks=pytest.mark.long), 1e9])
def test_an_interrupt_leaves_no_half_file_and_no_process(worth, by_blocks, model, parquet, tmp_path, monkeypatch):
    monkeypatch.setattr(block_by_block, "WORTH_SECONDS", worth)

    def interrupt(progress):
        if progress.done >= 120:
            raise KeyboardInterrupt

    (tmp_path / "out.csv").write_text("of before")
    with pytest.raises(KeyboardInterrupt):
        model.predict_file(parquet, tmp_path / "out.csv", tell=interrupt)
    assert (tmp_path / "out.csv").read_text() == "of before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "rows.parquet"]
    assert not workers_left()


def test_a_broken_row_group_is_named_and_nothing_is_written(by_blocks, model, parquet, tmp_path):
    damaged = bytearray(parquet.read_bytes())
    column = pq.read_metadata(parquet).row_group(4).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    damaged[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    parquet.write_bytes(damaged)
    with pytest.raises(InputError, match=r"ow group 5 of 5 of .*rows.parquet' cannot be read"):
        model.predict_file(parquet, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


def test_numbers_in_another_style_are_read_as_in_the_whole(few_at_once, model, rows, tmp_path, monkeypatch):
    texts = [f"{value * 1000:,.3f}".replace(",", "_").replace(".", ",").replace("_", ".") for value in rows["x"]]
    rows.assign(x=texts).to_parquet(tmp_path / "rows.parquet")
    with pytest.warns(UserWarning, match="210 of 210 values|20. of 210 values"):
        model.predict_file(tmp_path / "rows.parquet", tmp_path / "blocks.parquet", probabilities=True)
    with pytest.warns(UserWarning, match="read as numbers"):
        whole = model.predict_proba(str(tmp_path / "rows.parquet"))
    assert np.array_equal(pd.read_parquet(tmp_path / "blocks.parquet").to_numpy(), whole)


def test_a_folder_of_files_is_predicted_as_one_table(by_blocks, model, rows, tmp_path):
    rows.to_parquet(tmp_path / "parts", partition_cols=["is_new"])
    model.predict_file(tmp_path / "parts", tmp_path / "out.parquet", probabilities=True, identifier="case")
    written = pd.read_parquet(tmp_path / "out.parquet")
    whole = pd.read_parquet(tmp_path / "parts")
    assert written["case"].tolist() == whole["case"].tolist()
    assert np.array_equal(written[["no", "yes"]].to_numpy(), model.predict_proba(str(tmp_path / "parts")))


@pytest.mark.parametrize("n_rows", [0, 1])
def test_few_rows_and_none_are_written(n_rows, few_at_once, model, rows, tmp_path):
    rows.head(n_rows).to_parquet(tmp_path / "rows.parquet")
    assert model.predict_file(tmp_path / "rows.parquet", tmp_path / "out.parquet", identifier="case") == n_rows
    assert pd.read_parquet(tmp_path / "out.parquet").shape == (n_rows, 2)


def test_a_column_that_is_lacking_is_named_before_anything_is_predicted(by_blocks, model, rows, tmp_path):
    rows.drop(columns="town").to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(InputError, match=r"lacks the columns \['town'\]"):
        model.predict_file(tmp_path / "rows.parquet", tmp_path / "out.parquet")
    with pytest.raises(OptionError, match="would be written over"):
        model.predict_file(tmp_path / "rows.parquet", tmp_path / "rows.parquet")


@pytest.mark.parametrize("hours", [0, 5])
def test_dates_of_the_identifier_are_written_as_in_the_whole(hours, few_at_once, model, rows, tmp_path, monkeypatch):
    days = pd.date_range("2024-01-01", periods=N_ROWS)
    days = days[:180].append(days[180:] + pd.Timedelta(hours, "h"))
    rows.assign(case=days).to_parquet(tmp_path / "rows.parquet")
    model.predict_file(tmp_path / "rows.parquet", tmp_path / "blocks.csv", identifier="case")
    monkeypatch.setattr(predict_file, "open_rows", lambda *arguments: None)
    model.predict_file(tmp_path / "rows.parquet", tmp_path / "whole.csv", identifier="case")
    assert (tmp_path / "blocks.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
