"""Cut words: take texts apart into words, and into runs of characters where no space stands between words."""

from __future__ import annotations

import re
from collections.abc import Callable

WORD = re.compile(r"\b\w\w+\b")
SIGNS = (
    "\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff"
)
"""Han, kana and bopomofo, where one or two characters are a word."""
LETTERS = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa60-\uaa7f"
"""Thai, Lao, Tibetan, Burmese, Khmer and their kin, where some characters are a word."""
UNSPACED = re.compile(f"[{SIGNS}{LETTERS}]")
PIECE = re.compile(f"([{SIGNS}]+)|([{LETTERS}]+)|((?:(?![{SIGNS}{LETTERS}])\\w){{2,}})")
RUN, SHORT_RUN = 3, 2
"""Characters of a run where a word has more than two, and where signs hold a syllable or more."""
WIDE = re.compile("[\u3040-\ud7ff\uf900-\ufaff]")
"""Signs that hold a syllable or more, which count twice for a text's length."""
LONG = 10
"""Mean length from which texts of hardly more than one word are cut into runs."""
FEW_WORDS = 2.0
LOOKED_AT = 500
"""Texts that tell how they are to be cut."""


def cut_plainly(text: str) -> list[str]:
    """Return the words of a text, of two characters or more, lowered."""
    return WORD.findall(text.lower())


def cut_by_script(text: str, both: bool) -> list[str]:
    """Return the words of a text, lowered; of scripts without spaces characters or runs of them.

    both: whether pairs of adjacent signs stand between the signs, for those who do not join adjacent words themselves.
    """
    text = text.lower()
    if text.isascii() or UNSPACED.search(text) is None:
        return WORD.findall(text)
    words: list[str] = []
    for signs, letters, word in PIECE.findall(text):
        if signs:
            words += signs
            words += runs_of(signs, 2) if both and len(signs) > 1 else []
        else:
            words += runs_of(letters, RUN) if letters else [word]
    return words


def cut_into_runs(text: str, length: int = RUN) -> list[str]:
    """Return all runs of so many characters of a text, lowered; of a shorter one itself."""
    return runs_of(text.lower().strip(), length)


def runs_of(text: str, length: int) -> list[str]:
    """Return the runs of so many characters that begin at each place; a shorter text is one."""
    return [text[place : place + length] for place in range(max(1, len(text) - length + 1))] if text else []


def find_cut(texts: list[str], pairs: bool) -> str:
    """Return how texts are to be cut, as `cutter_of` takes it: by script, or where they are single words into runs."""
    seen = texts[:: max(1, len(texts) // LOOKED_AT)]
    filled = [text for text in seen if text and not text.isspace()]
    length, wide = sum(map(len, filled)), sum(len(WIDE.findall(text)) for text in filled)
    if not filled or length + wide < LONG * len(filled):
        return "signs" if pairs else "signs and pairs"
    words = sum(max(len(text.split()), len(cut_by_script(text, both=False))) for text in filled)
    if words < FEW_WORDS * len(filled):
        return "short runs" if 2 * wide > length else "runs"
    return "signs" if pairs else "signs and pairs"


def cutter_of(cut: str) -> Callable[[str], list[str]]:
    """Return what cuts a text: plainly (as earlier versions did), by script, or into runs."""
    if cut == "runs":
        return cut_into_runs
    if cut == "short runs":
        return lambda text: cut_into_runs(text, SHORT_RUN)
    if cut == "signs":
        return lambda text: cut_by_script(text, both=False)
    return (lambda text: cut_by_script(text, both=True)) if cut else cut_plainly
