"""Recognise forms: tell e-mail, web and network addresses, paths, phone numbers and the like by how they are written.

Each form names the parts that its strings are taken apart into. A part is read from one string alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from automl.vocabulary.schema import ColumnKind

IN_FORM = 0.95
"""Share of the distinct strings that must be written in a form for the column to have it."""
LONGEST = 2_000
"""A longer string has no form."""
CATEGORICAL, NUMERIC, TEXT = ColumnKind.CATEGORICAL, ColumnKind.NUMERIC, ColumnKind.TEXT

NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
COMMA_NUMBER = r"[+-]?\d+,\d+"
BEFORE, AFTER = r"(?:[A-Za-z]+ ?)?[\[({]? ?", r" ?[\])}]?(?: ?[A-Za-z]{1,3})?"
JOINT = r" ?[,;|/:x\u00d7 ] ?"
LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
HOST = rf"(?:{LABEL}\.)+[^\W\d_]{{2,}}"
TOP_LEVELS = "com|org|net|edu|gov|mil|int|info|biz|name|app|dev|xyz|online|site|shop|store|club|top|tech|blog"
OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|0{0,2}\d\d?)"
ADDRESS = re.compile(rf"\s*{OCTET}\.{OCTET}\.{OCTET}\.{OCTET}(?:/\d{{1,2}}|:\d{{1,5}})?\s*\Z", re.ASCII)
ANGLE = re.compile(
    r"(\d+(?:\.\d+)?) ?\u00b0 ?(?:(\d+(?:\.\d+)?) ?['\u2032] ?)?(?:(\d+(?:\.\d+)?) ?[\"\u2033] ?)?([NSEW])?"
)
URL_PARTS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:[^/@?#\s]*@)?(?P<host>[^/:?#\\\s]*)(?::(?P<port>\d+))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
)
EMAIL_PARTS = re.compile(r"([^@\s<>,;:\"]+)@([^@\s<>,;:\"]+)")
DIGITS = re.compile(r"\d+")
COMMA_NUMBER_THERE = re.compile(r"\d,\d+ ?[;|/ ]")
NUMBERS = re.compile(rf"(?<![\d.]){NUMBER}")
SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go"})
FILE_ENDINGS = frozenset(
    re.findall(
        r"\w+",
        "avi bak bat bmp c cfg conf cpp css csv dat db dll doc docx eps exe flac gif gz h hdf5 htm html ini ipynb iso "
        "jar java jpeg jpg js json log md mkv mov mp3 mp4 npy ods odt ogg parquet pdf pkl png ppt pptx py r rar rtf "
        "sh so sql svg tar tex tif tiff toml ts tsv txt wav webm webp xls xlsx xml yaml yml zip",
    )
)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write strings: what they are called, what all of them match, and the parts to take from them."""

    name: str
    matches: Callable[[str], Any]
    parts: tuple[str, ...]


def find_form(levels: Sequence[str]) -> Form | None:
    """Return the first form that nearly all of the distinct strings are written in."""
    allowed = int((1.0 - IN_FORM) * len(levels))
    for form in FORMS:
        wrong = (not _has_form(text, form) for text in levels)
        if sum(islice((True for is_wrong in wrong if is_wrong), allowed + 1)) <= allowed:
            return form
    return None


def _has_form(text: str, form: Form) -> bool:
    return len(text) <= LONGEST and bool(form.matches(text.strip()))


@lru_cache(maxsize=512)
def _web(text: str) -> tuple[str, str, str, str, str]:
    """Return scheme, host, port, path and query of an address, the host in lower case."""
    found = URL_PARTS.match(text.strip())
    if found is None:
        return "", "", "", "", ""
    return (
        (found["scheme"] or "").lower(), found["host"].lower(), found["port"] or "", found["path"],
        found["query"] or "",
    )  # fmt: skip


@lru_cache(maxsize=512)
def _mail(text: str) -> tuple[str, str]:
    """Return what stands before and after the @ of the first address, in lower case."""
    found = EMAIL_PARTS.search(text)
    return (found[1].lower(), found[2].lower().rstrip(".")) if found else ("", "")


def _host(text: str) -> str:
    return _mail(text)[1] if "@" in text and "://" not in text else _web(text)[1]


def _domain(text: str) -> str | None:
    """Return the last two labels of the host, three below "co.uk" and its like."""
    labels = _host(text).split(".")
    wide = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3:] if wide else labels[-2:]) or None


def _top_level(text: str) -> str | None:
    return _host(text).rpartition(".")[2] or None


def _style(text: str) -> str | None:
    """Return how a name is written: each run of letters as "a", of digits as "0"."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", _mail(text)[0])) or None


@lru_cache(maxsize=512)
def _path(text: str) -> tuple[tuple[str, ...], str]:
    """Return the folders and the last name of a path, of a web address or of a file."""
    path = _web(text)[3] if "://" in text or WEB.fullmatch(text.strip()) else text.strip()
    *folders, last = re.split(r"[\\/]+", path.strip("\\/") if path[-1:] in "\\/" else path.lstrip("\\/")) or [""]
    return tuple(folders), last


def _folder(text: str, place: int) -> str | None:
    folders, last = _path(text)
    steps = (*folders, last) if "." not in last and "://" in text else folders
    return steps[place - 1] if len(steps) >= place else None


def _ending(text: str) -> str | None:
    stem, dot, ending = _path(text)[1].rpartition(".")
    return ending.lower() if dot and stem and len(ending) <= 8 else None


def _last_number(text: str) -> float | None:
    found = DIGITS.findall(_web(text)[3] if "://" in text else _path(text)[1])
    return float(found[-1][:15]) if found else None


def _words(text: str) -> str:
    """Return the words of an address or a path, spaces for what stands between them."""
    folders, last = _path(text)
    return " ".join(re.findall(r"[^\W\d_]{2,}", " ".join((*folders, last, _web(text)[4] if "://" in text else ""))))


@lru_cache(maxsize=512)
def _octets(text: str) -> tuple[str, ...]:
    """Return the octets of a version 4 address, which may have a port or the length of a prefix behind it."""
    found = ADDRESS.match(text)
    return found.groups() if found else ()


@lru_cache(maxsize=512)
def _groups(text: str) -> Any:
    """Return a version 6 address as Python has it; None where it is none."""
    from ipaddress import IPv6Address

    bare = text.strip().split("/")[0].split("%")[0]
    try:
        return IPv6Address(bare[1:].partition("]")[0] if bare.startswith("[") else bare)
    except ValueError:
        return None


def _octet(text: str, place: int) -> float | None:
    octets = _octets(text)
    return float(octets[place - 1]) if octets else None


def _network(text: str, octets: int, groups: int) -> str | None:
    found = _octets(text)
    if found:
        return ".".join(found[:octets])
    wide = _groups(text)
    return None if wide is None else wide.exploded[: 5 * groups - 1]


def _reach(text: str) -> str | None:
    """Return where an address is reached from."""
    octets = _octets(text)
    if not octets:
        wide = _groups(text)
        return None if wide is None else "private" if wide.is_private else "public"
    first, second = int(octets[0]), int(octets[1])
    if first in (0, 127) or (first, second) == (169, 254):
        return "itself"
    if first == 10 or (first, second) == (192, 168) or (first == 172 and 16 <= second < 32):
        return "private"
    return "public" if first < 224 else "several"


@lru_cache(maxsize=512)
def _numbers(text: str) -> tuple[float, ...]:
    """Return all numbers in a string, with a decimal comma where another sign stands between them."""
    if ANGLE.search(text):
        return tuple(_degrees(found) for found in ANGLE.finditer(text))
    if "." not in text and re.search(r"\d,\d", text) and re.search(r"\d ?[;|/ ] ?[+-]?\d", text):
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    return tuple(float(found) for found in NUMBERS.findall(text))


def _degrees(found: re.Match[str]) -> float:
    degrees, minutes, seconds, side = found.groups()
    size = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -size if side in ("S", "W") else size


def _number(text: str, place: int) -> float | None:
    found = _numbers(text)
    return found[place - 1] if len(found) >= place else None


def _whole(text: str, place: int) -> float | None:
    found = DIGITS.findall(text)
    return float(found[place - 1][:15]) if len(found) >= place else None


def _stage(text: str) -> str | None:
    found = re.search(r"\d[-+._ ]?([A-Za-z]+)", text)
    return found[1].lower() if found else "release"


def _digits(text: str, count: int) -> str | None:
    found = re.sub(r"\D", "", text)
    return found[:count] if len(found) > count else None


def _colour(text: str, place: int) -> float | None:
    found = re.search(r"[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3}", text)
    if found is None:
        return None
    width = len(found[0]) // 3
    return float(int(found[0][place * width : (place + 1) * width] * (2 // width), 16))


def _hardware(text: str) -> tuple[str, int] | None:
    found = re.sub(r"[^0-9a-f]", "", text.lower())
    return (found[:6], int(found[:2], 16)) if len(found) == 12 else None


def _maker(text: str) -> str | None:
    found = _hardware(text)
    return found[0] if found else None


def _is_local(text: str) -> str | None:
    found = _hardware(text)
    return None if found is None else "local" if found[1] & 2 else "global"


def _places(name: str, take: Callable[[str, int], Any], kind: ColumnKind, places: Collection[int]) -> dict[str, Any]:
    return {f"{name} {place}": (kind, lambda text, place=place: take(text, place)) for place in places}


FORM_PARTS: dict[str, tuple[ColumnKind, Callable[[str], Any]]] = {
    "scheme": (CATEGORICAL, lambda text: _web(text)[0] or None),
    "domain": (CATEGORICAL, _domain),
    "host": (CATEGORICAL, lambda text: _host(text) or None),
    "zone": (CATEGORICAL, lambda text: _host(text).partition(".")[2] or None),
    "top-level domain": (CATEGORICAL, _top_level),
    "port": (CATEGORICAL, lambda text: _web(text)[2] or None),
    "query": (CATEGORICAL, lambda text: "&".join(sorted(re.findall(r"(?:^|[&;])([^=&;]*)", _web(text)[4]))) or None),
    **_places("folder", _folder, CATEGORICAL, (1, 2, 3)),
    "folder": (CATEGORICAL, lambda text: "/".join(_path(text)[0]) or None),
    "extension": (CATEGORICAL, _ending),
    "depth": (NUMERIC, lambda text: float(len(_path(text)[0]))),
    "file number": (NUMERIC, _last_number),
    "length": (NUMERIC, lambda text: float(len(text.strip()))),
    "words": (TEXT, _words),
    "name letters": (CATEGORICAL, lambda text: re.split(r"[\W\d_]", _mail(text)[0], maxsplit=1)[0] or None),
    "name number": (NUMERIC, lambda text: _whole(_mail(text)[0], 1)),
    "name style": (CATEGORICAL, _style),
    "name length": (NUMERIC, lambda text: float(len(_mail(text)[0]))),
    **_places("octet", _octet, NUMERIC, (1, 2, 3, 4)),
    "network": (CATEGORICAL, lambda text: _network(text, 2, 2)),
    "subnet": (CATEGORICAL, lambda text: _network(text, 3, 3)),
    "reach": (CATEGORICAL, _reach),
    "maker": (CATEGORICAL, _maker),
    "administration": (CATEGORICAL, _is_local),
    **_places("value", _number, NUMERIC, range(1, 9)),
    "major": (NUMERIC, lambda text: _whole(text, 1)),
    "minor": (NUMERIC, lambda text: _whole(text, 2)),
    "patch": (NUMERIC, lambda text: _whole(text, 3)),
    "stage": (CATEGORICAL, _stage),
    **_places("digits", _digits, CATEGORICAL, (1, 2, 3, 4, 5)),
    "as number": (NUMERIC, lambda text: _whole(re.sub(r"\D", "", text), 1)),
    "digit count": (NUMERIC, lambda text: float(len(re.sub(r"\D", "", text)))),
    "red": (NUMERIC, lambda text: _colour(text, 0)),
    "green": (NUMERIC, lambda text: _colour(text, 1)),
    "blue": (NUMERIC, lambda text: _colour(text, 2)),
}
"""What is taken from strings of some form, and the kind of it; None where a string has no such part."""


WEB = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*://\S+|(?:www\.{HOST}|(?:{LABEL}\.)+(?:[A-Za-z]{{2}}|{TOP_LEVELS}))(?::\d+)?(?:[/?#]\S*)?"
)
MAIL = re.compile(r"(?:mailto:)?[^@\s<>]+@[^@\s<>]+|[^@<>]*<[^@\s<>]+@[^@\s<>]+>")
HARDWARE = re.compile(
    r"(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"
)
PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:|[\\/][^\\/]+)?[\\/][^\s].*|.*[\\/][^\\/]*\.[A-Za-z]\w{0,4}", re.DOTALL)
COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
VERSION = re.compile(
    r"[vV]\d+(?:\.\d+)*(?:[-+._ ]?[A-Za-z][\w.+-]*)?|\d+(?:\.\d+){2,4}(?:[-+._ ]?[A-Za-z][\w.+-]*)?|"
    r"\d+\.\d+(?:[-+][A-Za-z][\w.+-]*)?"
)
ANGLES = re.compile(rf"(?:{ANGLE.pattern}[,; ]*){{1,2}}")
VALUES = re.compile(
    rf"{BEFORE}{NUMBER}(?:{JOINT}{NUMBER}){{1,7}}{AFTER}|{COMMA_NUMBER}(?: ?[;|/ ] ?{COMMA_NUMBER}){{1,7}}"
)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
GROUPED = re.compile(r"(?:\+|00?|\()?[\d\s()./-]+(?: ?(?:x|ext\.?) ?\d+)?")


def _is_file(text: str) -> bool:
    return PATH.fullmatch(text) is not None or ("/" not in text and text.rpartition(".")[2].lower() in FILE_ENDINGS)


def _is_network(text: str) -> bool:
    return bool(_octets(text)) or (":" in text and _groups(text) is not None)


def _holds_values(text: str) -> bool:
    """Tell whether a string is some numbers; two whole ones without brackets are left to those who read codes."""
    if VALUES.fullmatch(text) is None or THOUSANDS.fullmatch(text):
        return False
    if "." in text or text[0] in "([{" or COMMA_NUMBER_THERE.search(text):
        return True
    return len(_numbers(text)) > 2 and any(sign in text for sign in ",;|/:x")


def is_dialled(text: str) -> bool:
    """Tell whether a string is digits in groups as in a phone number, or after a plus sign."""
    if GROUPED.fullmatch(text) is None:
        return False
    n_digits = sum(sign.isdigit() for sign in text)
    return 7 <= n_digits <= 15 and (text[0] in "+(0" or any(sign in text for sign in " -"))


def are_dialled(strings: Iterable[str]) -> bool:
    """Tell whether strings are all numbers to dial with a plus sign before them: those are no quantities."""
    return all(text.startswith("+") and is_dialled(text) for text in strings)


_OF_FILES = ("folder 1", "folder 2", "folder 3", "folder", "extension", "depth", "file number", "length", "words")
FORMS = (
    Form(
        "network addresses", _is_network, (*(f"octet {place}" for place in (1, 2, 3, 4)), "network", "subnet", "reach")
    ),
    Form("hardware addresses", HARDWARE.fullmatch, ("maker", "administration")),
    Form(
        "e-mail addresses",
        MAIL.fullmatch,
        ("domain", "host", "zone", "top-level domain", "name letters", "name number", "name style", "name length"),
    ),
    Form(
        "paths of files",
        lambda text: "://" not in text and _is_file(text),
        _OF_FILES,
    ),
    Form(
        "web addresses",
        WEB.fullmatch,
        ("scheme", "domain", "host", "zone", "top-level domain", "port", "query", *_OF_FILES),
    ),
    Form("colours", COLOUR.fullmatch, ("red", "green", "blue")),
    Form("angles", ANGLES.fullmatch, ("value 1", "value 2")),
    Form("versions", VERSION.fullmatch, ("major", "minor", "patch", "stage")),
    Form("lists of numbers", _holds_values, tuple(f"value {place}" for place in range(1, 9))),
    Form("digits in groups", is_dialled, (*(f"digits {count}" for count in (1, 2, 3, 4, 5)), "digit count")),
    Form("digits", str.isdecimal, (*(f"digits {count}" for count in (1, 2, 3, 4, 5)), "as number", "digit count")),
)
"""The forms, the strictest first."""
