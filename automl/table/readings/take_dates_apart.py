"""Take dates apart: from a date as text to its numbers, before it is said which of them is the day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from automl.table.readings.plain_text import plain

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier janv enero ene gennaio gen janeiro januari",
            "feb february februar février févr fév fevrier febrero febbraio fevereiro fev februari",
            "mar march märz mär mrz maerz mars marzo março marco maart mrt",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag maio mei maj",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago augustus augusti",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october okt oktober octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dez dezember décembre déc diciembre dic dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
"""Names of months in English, German, French, Spanish, Italian, Portuguese, Dutch and Swedish, in small letters."""
WEEKDAY_NAMES = (
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday",
    "mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag so sonntag",
    "lundi lun mardi mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim",
    "lunes martes miércoles jueves viernes sábado domingo",
)
WEEKDAYS = frozenset(name for names in WEEKDAY_NAMES for name in names.split())
FIXED, YEAR_FIRST, YEAR_LAST, SHORT, FIXED_SHORT = range(5)
"""What is known of the three numbers: year, month and day; the year is the first, or the last, with the others in
doubt; nothing, as all have two digits; and year, month and day with a year of two digits."""
YEARS = range(1800, 2200)
"""Years that are believed where a year and a month stand alone."""

NAME = r"([^\W\d_]{3,10})\.?"
CLOCK = (
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.? ?[Mm]\.?)?"
    r"(?: ?(?:Z|Uhr|h|(?:UTC|GMT)?([+-]\d{1,2})(?::?(\d{2}))?(?: \([^()]{2,40}\))?|([A-Z]{3,4})))?"
)
ONLY_CLOCK = re.compile(CLOCK)
TIME = rf"(?:(?:T|,? (?:à |um |at |- )?|:){CLOCK})?"
NUMBERS = re.compile(r"(\d{1,4})( ?[-/.] ?| )(\d{1,2})\2(\d{1,4})\.?" + TIME)
DAY_NAME_YEAR = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[ \-/.]?(?:of |de )?{NAME}(?: de |[ \-/.,]*)(\d{{4}}|\d\d)" + TIME
)
NAME_DAY_YEAR = re.compile(rf"{NAME}[ \-/.]?(\d{{1,2}})(?:st|nd|rd|th)?(?:, ?|[ \-/.])(\d{{4}}|\d\d)" + TIME)
ZONES = {
    zone: hours
    for hours, zones in (
        (-8, "PST"), (-7, "PDT MST"), (-6, "MDT CST"), (-5, "CDT EST"), (-4, "EDT"), (0, "UTC GMT WET"),
        (1, "BST CET MEZ WEST"), (2, "CEST MESZ EET SAST"), (3, "EEST MSK"), (8, "HKT SGT"),
        (5.5, "IST"),  # codespell:ignore
        (9, "JST KST"), (10, "AEST"), (11, "AEDT"),
    )
    for zone in zones.split()
}  # fmt: skip
"""Hours that zones are ahead of UTC."""
NAME_DAY_TIME_YEAR = re.compile(rf"{NAME} (\d{{1,2}}) {CLOCK}(?: [A-Z]{{3,4}})? (\d{{4}})")
YEAR_NAME_DAY = re.compile(rf"(\d{{4}})[ \-/.]?{NAME}[ \-/.]?(\d{{1,2}})" + TIME)
NAME_YEAR = re.compile(rf"{NAME}[ \-/.,]*(\d{{4}})|(\d{{4}})[ \-/.,]*{NAME}")
MONTH_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{4})|(\d{4})[/\-](\d{1,2})")
WEEK = re.compile(r"(\d{4})[- ]?(?:W|w|KW|CW)[- ]?(\d{1,2})(?:-?([1-7]))?")
QUARTER = re.compile(r"(\d{4})[- /]?[Qq]([1-4])|[Qq]([1-4])[- /]?(\d{4})|([1-4])[Qq][- /]?(\d{4})")
IDEOGRAPHS = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월](?: ?(\d{1,2})[日일号])?(?:(?: ?)" + CLOCK + ")?")


class DateParts(NamedTuple):
    """What a date as text holds: three numbers, what is known of them, and the time of day in microseconds.

    The time is that of UTC where the text names a zone; it may then be below 0, or beyond a day.
    """

    form: int
    first: int
    second: int
    third: int
    micros: int = 0


UNREAD = DateParts(-1, 0, 0, 0)


def take_dates_apart(texts: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Return the parts of each string, `(n_texts, 5)` whole numbers; the form is -1 where it is no date.

    Days and times of day repeat, so that each is looked at once.
    """
    table = np.empty((len(texts), len(UNREAD)), dtype=np.int64)
    days: dict[str, DateParts | None] = {}
    clocks: dict[str, int | None] = {}
    for row, text in enumerate(texts):
        day, space, clock = text.partition(" ")
        if day not in days:
            found = NUMBERS.fullmatch(day) if day.isascii() else None
            days[day] = None if found is None or found[5] else _of_numbers(found)
        part, micros = days[day], 0
        if part is not None and space:
            if clock not in clocks:
                matched = ONLY_CLOCK.fullmatch(clock) if clock.isascii() else None
                clocks[clock] = None if matched is None else _micros(matched.groups())
            micros = clocks[clock] or 0
            part = None if clocks[clock] is None else part
        if part is None:
            table[row] = take_date_apart(text) or UNREAD
        else:
            table[row] = (*part[:4], micros)
    return table


def take_date_apart(text: str) -> DateParts | None:
    """Return the parts of a string that is one date, or None for any other."""
    text = plain(text)
    if text[:1].isalpha():
        word, _, rest = text.partition(" ")
        if word.rstrip(".,").casefold() in WEEKDAYS:
            text = rest.strip()
    found = NUMBERS.fullmatch(text)
    if found is not None:
        return _of_numbers(found)
    for pattern, read in READERS:
        found = pattern.fullmatch(text)
        if found is not None and (parts := read(found)) is not None:
            return parts
    return None


def _of_numbers(found: re.Match[str]) -> DateParts | None:
    micros = _micros(found.groups()[4:])
    texts = (found[1], found[3], found[4])
    first, third = len(texts[0]), len(texts[2])
    if micros is None or first == 3 or third == 3 or (first == 4 and third > 2):
        return None
    form = YEAR_FIRST if first == 4 else YEAR_LAST if third == 4 else SHORT
    if form == SHORT and 2 not in (first, third):  # "1.2.3" is a version
        return None
    return DateParts(form, int(texts[0]), int(texts[1]), int(texts[2]), micros)


def _named(year: str, month: str, day: str, clock: tuple[Any, ...]) -> DateParts | None:
    number, micros = MONTHS.get(month.casefold()), _micros(clock)
    if number is None or micros is None:
        return None
    return DateParts(FIXED if len(year) == 4 else FIXED_SHORT, int(year), number, int(day), micros)


def _day_name_year(found: re.Match[str]) -> DateParts | None:
    return _named(found[3], found[2], found[1], found.groups()[3:])


def _name_day_year(found: re.Match[str]) -> DateParts | None:
    return _named(found[3], found[1], found[2], found.groups()[3:])


def _name_day_time_year(found: re.Match[str]) -> DateParts | None:
    return _named(found[11], found[1], found[2], found.groups()[2:10])


def _year_name_day(found: re.Match[str]) -> DateParts | None:
    return _named(found[1], found[2], found[3], found.groups()[3:])


def _name_year(found: re.Match[str]) -> DateParts | None:
    return _named(found[2] or found[3], found[1] or found[4], "1", ())


def _month_year(found: re.Match[str]) -> DateParts | None:
    month, year = int(found[1] or found[4]), int(found[2] or found[3])
    return DateParts(FIXED, year, month, 1) if year in YEARS and 1 <= month <= 12 else None


def _week(found: re.Match[str]) -> DateParts | None:
    try:
        day = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
    return DateParts(FIXED, day.year, day.month, day.day)


def _quarter(found: re.Match[str]) -> DateParts | None:
    year, quarter = int(found[1] or found[4] or found[6]), int(found[2] or found[3] or found[5])
    return DateParts(FIXED, year, 3 * quarter - 2, 1) if year in YEARS else None


def _ideographs(found: re.Match[str]) -> DateParts | None:
    micros = _micros(found.groups()[3:])
    return None if micros is None else DateParts(FIXED, int(found[1]), int(found[2]), int(found[3] or 1), micros)


READERS = (
    (DAY_NAME_YEAR, _day_name_year),
    (NAME_DAY_YEAR, _name_day_year),
    (NAME_YEAR, _name_year),
    (YEAR_NAME_DAY, _year_name_day),
    (NAME_DAY_TIME_YEAR, _name_day_time_year),
    (WEEK, _week),
    (QUARTER, _quarter),
    (MONTH_YEAR, _month_year),
    (IDEOGRAPHS, _ideographs),
)


def _micros(clock: tuple[Any, ...]) -> int | None:
    """Return the microseconds of a matched time of day, less its zone; None where there is no such time."""
    if not clock or clock[0] is None:
        return 0
    hour, minute, second = int(clock[0]), int(clock[1]), int(clock[2] or 0)
    if clock[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock[4] in "Pp" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        return None
    micros = (hour * 3600 + minute * 60 + second) * 1_000_000 + int((clock[3] or "0").ljust(6, "0")[:6])
    if clock[5]:
        zone = int(clock[5]) * 60 + (-1 if clock[5][0] == "-" else 1) * int(clock[6] or 0)
        micros -= zone * 60_000_000
    elif clock[7]:
        if clock[7] not in ZONES:
            return None
        micros -= int(ZONES[clock[7]] * 3600) * 1_000_000
    return micros
