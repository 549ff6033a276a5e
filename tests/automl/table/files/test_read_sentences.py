"""Files in the CoNLL form and lists in cells become one row a word; what does not fit is told by its place."""

import pandas as pd
import pytest

from automl import read_conll, spread_lists
from automl.errors import InputError
from automl.table.files.read_table import read_table


def written(tmp_path, text, name="some.conll"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_line_ends_a_sentence(tmp_path):
    path = written(tmp_path, "-DOCSTART- O\n\nNA B-X\nnull O\n\n\n# a comment\n1998 O\n")
    found = read_conll(path)
    assert found.values.tolist() == [[0, "NA", "B-X"], [0, "null", "O"], [1, "1998", "O"]]
    assert list(found.columns) == ["sentence", "token", "tag"]
    assert read_table(path).equals(found)


def test_columns_are_parted_by_tabs_or_spaces_and_named_by_how_many_there_are(tmp_path):
    four = read_conll(written(tmp_path, "EU NNP I-NP B-ORG\nrejects VBZ I-VP O\n"))
    assert list(four.columns) == ["sentence", "token", "pos", "chunk", "tag"]
    tabs = read_conll(written(tmp_path, "New York\tLOC\t_\n"), names=["word", "kind", "note"])
    assert tabs["word"].tolist() == ["New York"]
    assert list(read_conll(written(tmp_path, "a b c d e\n")).columns)[-2:] == ["column 4", "tag"]


def test_lines_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(InputError, match=r"Line 2 of .* has 1 columns; expected 2"):
        read_conll(written(tmp_path, "a O\nb\n"))
    with pytest.raises(InputError, match="holds no words"):
        read_conll(written(tmp_path, "\n\n"))
    with pytest.raises(InputError, match="Found 1 names for 2 columns"):
        read_conll(written(tmp_path, "a O\n"), names=["word"])
    with pytest.raises(InputError, match="cannot be read"):
        read_conll(tmp_path / "none.conll")


def test_lists_in_cells_become_rows_and_a_sentence_without_words_none():
    table = pd.DataFrame(
        {"tokens": [["a", "b"], [], ("c",)], "tags": [["O", "B"], [], ["O"]], "source": ["x", "y", "z"]}
    )
    found = spread_lists(table)
    assert found.to_dict("list") == {
        "sentence": [0, 0, 2], "token": ["a", "b", "c"], "tag": ["O", "B", "O"], "source": ["x", "x", "z"],
    }  # fmt: skip
    assert table["tokens"].tolist()[1] == []
    assert spread_lists(table, ["tokens"], "id").columns.tolist() == ["id", "token", "tags", "source"]


def test_lists_that_do_not_fit_are_named():
    with pytest.raises(InputError, match="different lengths in 1 rows, the first of them row 1"):
        spread_lists({"tokens": [["a"], ["b", "c"]], "tags": [["O"], ["O"]]})
    with pytest.raises(InputError, match="expected a list of words"):
        spread_lists({"tokens": ["a b"], "tags": [["O", "O"]]})
    with pytest.raises(InputError, match=r"lacks the columns \['tags'\]"):
        spread_lists({"tokens": [["a"]]})
