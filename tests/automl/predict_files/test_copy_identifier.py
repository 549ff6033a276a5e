"""Copy the identifier: ids come back as they are written."""

import pandas as pd

from automl.predict_files.copy_identifier import as_written


def test_ids_are_copied_as_they_are_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"zip,number,a\n01234,{2**60 + 1},1\n00007,,2\n")
    table = pd.read_csv(path)
    assert as_written(path, table["zip"]).tolist() == ["01234", "00007"]
    assert as_written(path, table["number"]).tolist() == [str(2**60 + 1), ""]
    assert as_written(path, table["a"]).tolist() == [1, 2]
    table.to_parquet(tmp_path / "t.parquet")
    assert as_written(tmp_path / "t.parquet", table["a"]).tolist() == [1, 2]
