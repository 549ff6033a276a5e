"""Plain text: write digits, spaces and signs of any script in one spelling, so that finders and readers agree."""

from __future__ import annotations

import re
import unicodedata

SPACES = re.compile(r"\s+")
SPELLED: dict[str, str] = {
    "-": "\u2212\u2010\u2011\u2012\u2013\u2014\u2043",
    "'": "\u2019\u2018\u02bc\u00b4\u2032",
    ".": "\u066b",
    ",": "\u066c\u060c",
    "%": "\u066a",
    "\u00a5": "\uffe5",
    "": "\u200b\u200e\u200f\u061c\u2060\ufeff\u202a\u202b\u202c\u2066\u2067\u2068\u2069",
}
"""Minus signs and dashes, apostrophes, Arabic separators, and marks that have no width."""
SPELLING = str.maketrans({each: sign for sign, found in SPELLED.items() for each in found})
SPELLING |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


def plain(text: str) -> str:
    """Return text with ASCII digits and signs, single spaces and none around it; letters stay as they are.

    Full-width, Arabic, Devanagari and all other decimal digits become the digits that they are; a raised digit ("5²")
    is none.
    """
    if not text.isascii():
        text = "".join(_ascii_digit(sign) for sign in text.translate(SPELLING))
    return SPACES.sub(" ", text.strip())


def _ascii_digit(sign: str) -> str:
    digit = unicodedata.decimal(sign, None) if sign > "\x7f" else None
    return sign if digit is None else str(digit)
