"""Split codes: take strings of no known form apart by their separators, beginnings, endings and places of letters.

It also tells strings that say nothing (random ones, such as UUIDs) from those that are to be read as text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

ALIKE = 0.9
"""Share of the distinct strings that must have the same number of pieces, or the same length."""
MOST_PIECES = 6
MOST_PLACES = 8
"""Places of letters that are read, those that vary least."""
LONGEST_CODE = 40
RANDOM_LENGTH, RANDOM_SIGNS = 8, 16
"""Fewest places that vary, and signs that occur, of strings that can be random."""
RANDOM = 0.95
"""Share of the entropy that signs drawn evenly would have from which a place counts as random."""
TEXT_LENGTH = 12
"""Mean length from which strings without spaces can be texts; signs that hold a syllable or more count twice."""
WIDE = re.compile("[\u3040-\ud7ff\uf900-\ufaff]")
MANY_WORDS, SOME_WORDS = 3, 2
"""Mean numbers of words, between any separators and between spaces, from which words tell rather than runs."""
LETTERS = 0.5
"""Share of letters from which short strings or those without words can be texts."""
RUN = 4
RECURRING, TOO_COMMON = 3, 0.5
"""In how many strings a run or a word must stand for it to recur, and in what share of them it tells none apart."""
READABLE = 0.2
"""Share of a string's runs or words that must recur, on average, for the strings to be texts."""
WITH_SPACES = 0.05
"""The same where spaces stand between words, as in names and titles."""
SEPARATORS = re.compile(r"[\s\-_/.:|;,#+&~]+")
WORD = re.compile(r"\w{2,}")
NAME_WORD = re.compile(r"[^\W\d_]{2,}")
SHARING = 0.3
"""Share of the names that must be of several words, one of them in another name too, for words to be read."""
RANDOM_UUID = re.compile(
    r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\}?", re.IGNORECASE
)


def share_words(names: Sequence[str]) -> bool:
    """Tell whether words of two letters or more recur in names of several words, as in titles of jobs."""
    found = [set(NAME_WORD.findall(name.lower())) for name in names]
    counts = Counter(word for words in found for word in words)
    sharing = sum(len(words) > 1 and any(counts[word] > 1 for word in words) for words in found)
    return sharing >= SHARING * len(names)


def choose_parts(levels: Sequence[str]) -> tuple[str, ...]:
    """Return which parts to take from nearly distinct strings, by how they are alike."""
    lengths = Counter(map(len, levels))
    width, n_wide = lengths.most_common(1)[0]
    if width > LONGEST_CODE and len(lengths) == 1:
        return ()
    pieces, n_alike = Counter(len(pieces_of(text)) for text in levels).most_common(1)[0]
    chosen = [f"piece {place}" for place in range(1, pieces + 1)] if 1 < pieces <= MOST_PIECES else []
    chosen = chosen if n_alike >= ALIKE * len(levels) else []
    if n_wide >= ALIKE * len(levels):
        return (*chosen, *(f"sign {place + 1}" for place in telling_places(levels, width)))
    ends = [(name, sum(text[at].isdigit() for text in levels if text)) for name, at in (("first", 0), ("last", -1))]
    chosen += [f"{name} {count}" for name, n_digits in ends if 2 * n_digits < len(levels) for count in (1, 2, 3)]
    return (*chosen, "length")


def say_nothing(levels: Sequence[str]) -> bool:
    """Tell whether strings are random: UUIDs, hashes, keys, whose every place varies as if it was drawn by lot."""
    if sum(RANDOM_UUID.fullmatch(text) is not None for text in levels) >= ALIKE * len(levels):
        return True
    width = len(levels[0])
    alike = [text for text in levels if len(text) == width]
    if len(alike) < ALIKE * len(levels) or len(alike) < 2 * RANDOM_SIGNS:
        return False
    columns = [Counter(text[place] for text in alike) for place in range(width)]
    varying = [counts for counts in columns if len(counts) > 1]
    varying = varying[:-1] if len(varying) >= 2 * RANDOM_LENGTH else varying  # the last of base64 has fewer signs
    digits = [counts for counts in varying if all(sign.isdigit() for sign in counts)]
    others = [counts for counts in varying if counts not in digits]
    signs = len(set().union(*varying)) if varying else 0
    if len(varying) < RANDOM_LENGTH or signs < RANDOM_SIGNS:
        return False
    return _vary_by_lot(digits, len(alike)) and _vary_by_lot(others, len(alike))


def _vary_by_lot(places: Sequence[Counter[str]], n: int) -> bool:
    """Tell whether every place has about the entropy of signs drawn evenly from all that occur in these places."""
    signs = set().union(*places)
    return all(_entropy(counts) >= RANDOM * min(np.log2(len(signs)), np.log2(n)) for counts in places)


def telling_places(levels: Sequence[str], width: int) -> list[int]:
    """Return the places where letters stand that vary, those that vary least first chosen, in order."""
    alike = [text for text in levels if len(text) == width]
    entropies = {}
    for place in range(width):
        counts = Counter(text[place] for text in alike)
        if len(counts) > 1 and sum(n for sign, n in counts.items() if sign.isalpha()) > len(alike) // 20:
            entropies[place] = _entropy(counts)
    return sorted(sorted(entropies, key=lambda place: entropies[place])[:MOST_PLACES])


def are_texts(levels: Sequence[str]) -> bool:
    """Tell whether strings are texts though short or without spaces: words or runs in them recur in some others."""
    words = [set(WORD.findall(text.lower())) for text in levels]
    is_long = np.mean([len(text) + len(WIDE.findall(text)) for text in levels]) >= TEXT_LENGTH
    if is_long and np.mean([len(each) for each in words]) >= MANY_WORDS:
        return _recurring(words) >= READABLE
    if np.mean([sum(map(str.isalpha, text)) / max(1, len(text)) for text in levels]) < LETTERS:
        return False
    has_words = np.mean([len(text.split()) for text in levels]) >= SOME_WORDS
    if has_words and _recurring(words) >= WITH_SPACES:
        return True
    return bool(is_long) and _recurring([_runs(text.lower()) for text in levels]) >= READABLE


@lru_cache(maxsize=512)
def pieces_of(text: str) -> tuple[str, ...]:
    """Return what stands between the separators of a string."""
    return tuple(piece for piece in SEPARATORS.split(text) if piece)


def take_code(word: str, text: str, place: int) -> str | None:
    """Return a part of a code, such as its "piece" 2, "sign" 5, "first" 3 or "last" 3; None where there is none.

    Ends with digits in them are none: numbers are read as such.
    """
    text = text.strip()
    if word == "piece":
        pieces = pieces_of(text)
        return pieces[place - 1] if len(pieces) >= place else None
    if word == "sign":
        return text[place - 1] if len(text) >= place else None
    end = text[:place] if word == "first" else text[-place:]
    return None if len(text) <= place or any(sign.isdigit() for sign in end) else end


def _runs(text: str) -> set[str]:
    return {text[place : place + RUN] for place in range(len(text) - RUN + 1)}


def _recurring(found: Sequence[set[str]]) -> float:
    """Return the mean share of a string's terms that stand in others too, those in more than half of them apart."""
    counts = Counter(term for terms in found for term in terms)
    telling = {term for term, n in counts.items() if RECURRING <= n <= TOO_COMMON * len(found)}
    fewest = len(found) / 100
    telling = {term for term in telling if counts[term] >= fewest}
    return float(np.mean([len(terms & telling) / max(1, len(terms)) for terms in found]))


def _entropy(counts: Counter[Any]) -> float:
    """Return the entropy in bits, with Miller and Madow's correction for few observations."""
    n = np.array(list(counts.values()), dtype=np.float64)
    shares = n / n.sum()
    return float(-(shares * np.log2(shares)).sum() + (len(n) - 1) / (2 * n.sum() * np.log(2)))
