"""Read sentences: files in the CoNLL form, and lists of words in cells, to a table of one row a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from automl.errors import InputError
from automl.vocabulary.places import place_of

SUFFIXES = (".conll", ".conllu", ".iob", ".iob2", ".bio")
"""How the names of such files end."""
SENTENCE, TOKEN, TAG = "sentence", "token", "tag"
DOCUMENT = "-DOCSTART-"
USUAL = {1: (TOKEN,), 2: (TOKEN, TAG), 3: (TOKEN, "pos", TAG), 4: (TOKEN, "pos", "chunk", TAG)}
"""What columns are called by how many there are, as in the files of the CoNLL shared tasks of 2000, 2002 and 2003."""


def is_conll(path: str | Path) -> bool:
    """Tell by its name whether a file is in the CoNLL form."""
    return str(path).lower().endswith(SUFFIXES)


def read_conll(path: str | Path, names: Sequence[str] | None = None, encoding: str = "utf-8") -> pd.DataFrame:
    """Return the words of a file, one row each: the number of the sentence, the word, and what stands beside it.

    Each line holds a word and what is said of it, parted by tabs, or else by spaces; an empty line ends a sentence.
    Lines with -DOCSTART- and comments with "# " are passed over. `names` are those of the columns; by default the first
    is "token" and the last "tag". An InputError tells of lines that have more or fewer columns than the first.
    """
    place = place_of(path)
    try:
        lines = place.read_text(encoding=encoding).splitlines()
    except OSError as error:
        raise InputError(f"The file {str(place)!r} cannot be read: {error}. Check the path.") from error
    rows = list(_rows(lines, str(place)))
    if not rows:
        raise InputError(f"The file {str(place)!r} holds no words; expected a word and its tag in each line.")
    columns = tuple(names or _names(len(rows[0]) - 1))
    if len(columns) != len(rows[0]) - 1:
        raise InputError(
            f"Found {len(columns)} names for {len(rows[0]) - 1} columns of {str(place)!r}; expected as many."
        )
    return pd.DataFrame(rows, columns=[SENTENCE, *columns])


def spread_lists(table: Any, columns: Iterable[str] = ("tokens", "tags"), sentence: str = SENTENCE) -> pd.DataFrame:
    """Return a table whose cells hold lists, of words and of tags, with one row for each word.

    Columns that end in "s" lose it: "tokens" becomes "token". The others are repeated; `sentence` numbers the rows. An
    InputError tells of rows whose lists have different lengths; a sentence without words has no row.
    """
    frame = pd.DataFrame(table).reset_index(drop=True)
    chosen = list(columns)
    lacks = [name for name in chosen if name not in frame.columns]
    if lacks:
        raise InputError(f"The table lacks the columns {lacks}; found: {list(frame.columns)[:30]}.")
    lengths = pd.DataFrame({name: frame[name].map(_length) for name in chosen})
    uneven = lengths.index[lengths.nunique(axis=1) > 1]
    if len(uneven):
        found = dict(lengths.loc[uneven[0]])
        raise InputError(
            f"Found lists of different lengths in {len(uneven)} rows, the first of them row {uneven[0]}, counted from "
            f"0: {found}; expected one tag for each word."
        )
    if sentence not in frame.columns:
        frame.insert(0, sentence, range(len(frame)))
    frame = frame[(lengths > 0).all(axis=1)].explode(chosen, ignore_index=True)
    return frame.rename(columns={name: name.removesuffix("s") for name in chosen})


def _length(cell: Any) -> int:
    if isinstance(cell, str) or not hasattr(cell, "__len__"):
        raise InputError(f"Found the cell {str(cell)[:60]!r}; expected a list of words, or of their tags.")
    return len(cell)


def _names(count: int) -> tuple[str, ...]:
    return USUAL.get(count, (TOKEN, *(f"column {number}" for number in range(2, count)), TAG))


def _rows(lines: Iterable[str], path: str) -> Iterator[tuple[Any, ...]]:
    sentence, width, begun = 0, 0, False
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n")
        if not text.strip() or text.startswith(DOCUMENT):
            sentence, begun = sentence + begun, False
            continue
        if text.startswith("# "):
            continue
        cells = text.split("\t") if "\t" in text else text.split()
        width = width or len(cells)
        if len(cells) != width:
            raise InputError(
                f"Line {number} of {path!r} has {len(cells)} columns; expected {width}, as in the lines before. Found: "
                f"{text[:80]!r}."
            )
        begun = True
        yield (sentence, *cells)
