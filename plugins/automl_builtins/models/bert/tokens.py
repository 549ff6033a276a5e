"""Tokens of the texts of each row: all columns in one sequence, of a long text its beginning and its end."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from automl.plugin_api import Array, weights_path
from automl_builtins.models.bert.layers import config_of, places_in

CHARACTERS_PER_TOKEN = 16
"""A text is cut to so many for each token that there is room for, before it is taken apart."""
PARALLEL = "TOKENIZERS_PARALLELISM"


@dataclass(frozen=True, slots=True)
class TextTokenizer:
    """Takes texts apart; `content` is a tokenizer of the library `tokenizers`, as JSON.

    `start`, `separator` and `padding` are special tokens. A row gets at most `most` tokens: the first and the last ones
    of a text that is longer, since both tell more than the middle (Sun et al., "How to fine-tune BERT", 2019).
    """

    content: str
    start: int
    separator: int
    padding: int
    most: int

    @staticmethod
    def of(weights: str, most: int) -> TextTokenizer:
        """Return the tokenizer that belongs to pretrained weights; a row gets no more tokens than they have places."""
        from transformers import AutoTokenizer

        found: Any = AutoTokenizer.from_pretrained(weights_path(weights), use_fast=True)
        start = found.cls_token_id if found.cls_token_id is not None else found.bos_token_id
        separator = found.sep_token_id if found.sep_token_id is not None else found.eos_token_id
        if start is None or separator is None:
            raise LookupError(f"weights {weights!r} have no tokens for the start and the end of a text, as BERT has")
        content = found.backend_tokenizer.to_str()
        most = min(most, places_in(config_of(weights)))
        return TextTokenizer(content, int(start), int(separator), int(found.pad_token_id or 0), most)

    def tokens(self, columns: Sequence[Array]) -> list[Array]:
        """Return the token numbers of each row, int32; `columns` hold texts, "" or None for missing ones."""
        characters = CHARACTERS_PER_TOKEN * self.most
        taken = [self._encoded([_cut_text(text, characters) for text in column]) for column in columns]
        room = max(0, self.most - 1 - len(columns))
        return [self._row([column[i] for column in taken], room) for i in range(len(taken[0]) if taken else 0)]

    def pieces(self, words: Sequence[str]) -> list[list[int]]:
        """Return the token numbers of each word by itself, without special ones."""
        return self._encoded(list(words))

    def _encoded(self, texts: list[str]) -> list[list[int]]:
        distinct = list(dict.fromkeys(texts))
        with _alone():
            encoded = _loaded(self.content).encode_batch(distinct, add_special_tokens=False)
        found = {text: each.ids for text, each in zip(distinct, encoded, strict=True)}
        return [found[text] for text in texts]

    def _row(self, parts: list[list[int]], room: int) -> Array:
        rooms = _rooms([len(part) for part in parts], room)
        row = [self.start]
        for part, most in zip(parts, rooms, strict=True):
            last = most // 2
            row += part if len(part) <= most else part[: most - last] + part[len(part) - last :]
            row.append(self.separator)
        return np.array(row[: self.most], dtype=np.int32)


def _rooms(lengths: list[int], room: int) -> list[int]:
    """Return how many tokens each part may have: what short ones leave goes to the longer ones."""
    rooms, left = [0] * len(lengths), room
    for place, i in enumerate(sorted(range(len(lengths)), key=lambda i: lengths[i])):
        rooms[i] = min(lengths[i], left // (len(lengths) - place))
        left -= rooms[i]
    return rooms


def _cut_text(text: Any, most: int) -> str:
    text = text if isinstance(text, str) else ""
    return text if len(text) <= 2 * most else f"{text[:most]} {text[-most:]}"


@lru_cache(maxsize=4)
def _loaded(content: str) -> Any:
    from tokenizers import Tokenizer

    made = Tokenizer.from_str(content)
    made.no_truncation()
    made.no_padding()
    return made


@contextmanager
def _alone() -> Iterator[None]:
    """Keep the library to one thread, whatever the machine has."""
    before = os.environ.get(PARALLEL)
    os.environ[PARALLEL] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[PARALLEL]
        else:
            os.environ[PARALLEL] = before
