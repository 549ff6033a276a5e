"""Strings of a known form are told by how they are written, and each of their parts is read from one string alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.table.readings.recognise_forms import FORM_PARTS, find_form, is_dialled


def form_of(*strings: str) -> str:
    found = find_form(strings)
    return "" if found is None else found.name


@pytest.mark.parametrize(
    ("form", "strings"),
    [
        ("network addresses", ["10.0.3.4", "192.168.1.1:80", "10.0.0.0/8", "2001:db8::1", "[::1]"]),
        ("hardware addresses", ["00:1B:44:11:3A:B7", "3c-5a-b4-00-00-01", "001b.4411.3ab7"]),
        ("e-mail addresses", ["ann.k85@mail.corp.de", "mailto:a@b.org", "Ann K <a@b.co.uk>", "root@localhost"]),
        (
            "web addresses",
            ["https://shop.site.com/p/1?x=1", "ftp://x/y", "www.x.org", "mail.example.com", "bbc.co.uk/a"],
        ),
        (
            "paths of files",
            ["/home/ann/12.txt", "C:\\Users\\bob", "src/x/y.py", "./a/b", "report_12.pdf", "\\\\s\\d\\x"],
        ),
        ("colours", ["#ff00aa", "#FFF"]),
        ("angles", ["48°51'24\"N 2°21'03\"E", "48.85° N, 2.35° E"]),
        ("versions", ["1.2.3", "v2.0", "1.2.3-rc1", "v3"]),
        (
            "lists of numbers",
            ["48.1,11.5", "(48.1, -11.5)", "POINT (11.5 48.1)", "48,1; 11,5", "1,2,3", "[1, 2]", "1.5 x 2 cm"],
        ),
        ("digits in groups", ["+49 30 1234567", "(415) 555-1234", "0301234567", "978-3-16-148410-0"]),
        ("digits", ["12345", "99"]),
        ("", ["164,606", "1,234,567"]),
        ("", ["Asia/Tokyo", "A/5 21171", "john.smith", "B/12/S", "m/s", "C85"]),
        ("", ["120/80", "12:30", "1.234 kg"]),
        ("", ["a@", "@handle", "", " "]),
    ],
)
def test_a_form_is_told_by_what_is_written(form, strings):
    assert [form_of(string) for string in strings] == [form] * len(strings)


def test_some_strings_may_be_written_in_another_way_but_not_many():
    addresses = [f"10.0.0.{place}" for place in range(100)]
    assert form_of(*addresses[:95], *["unknown"] * 5) == "network addresses"
    assert form_of(*addresses[:94], *["unknown"] * 6) == ""


@pytest.mark.parametrize(
    ("string", "parts"),
    [
        ("https://Shop.Site.co.uk:8080/a/b/c-12.html?y=2&x=1#z", {
            "scheme": "https", "host": "shop.site.co.uk", "domain": "site.co.uk", "top-level domain": "uk",
            "port": "8080", "folder 1": "a", "folder 2": "b", "folder": "a/b", "extension": "html", "depth": 2.0,
            "file number": 12.0, "query": "x&y",
        }),
        ("ann.k85@mail.corp.de", {
            "domain": "corp.de", "host": "mail.corp.de", "name letters": "ann", "name number": 85.0,
            "name style": "a.a0", "name length": 7.0,
        }),
        ("172.16.3.4", {"octet 1": 172.0, "octet 4": 4.0, "network": "172.16", "reach": "private"}),
        ("8.8.8.8", {"reach": "public"}),
        ("2001:db8::1", {"octet 1": None, "network": "2001:0db8", "subnet": "2001:0db8:0000", "reach": "private"}),
        ("C:\\Users\\bob\\a.doc", {"folder 2": "Users", "folder 3": "bob", "extension": "doc", "depth": 3.0}),
        ("02:1B:44:11:3A:B7", {"maker": "021b44", "administration": "local"}),
        ("48,1; 11,5", {"value 1": 48.1, "value 2": 11.5, "value 3": None}),
        ("(48.1, -11.5)", {"value 1": 48.1, "value 2": -11.5}),
        ("10.5S", {"value 1": 10.5}),
        ("10°30'S", {"value 1": -10.5}),
        ("v1.20.3-rc1", {"major": 1.0, "minor": 20.0, "patch": 3.0, "stage": "rc"}),
        ("+49 (30) 123", {"digits 2": "49", "digits 4": "4930", "digit count": 7.0}),
        ("00123", {"digits 3": "001", "as number": 123.0}),
        ("#fA0", {"red": 255.0, "green": 170.0, "blue": 0.0}),
    ],
)  # fmt: skip
def test_parts_are_read_from_a_string(string, parts):
    assert {part: FORM_PARTS[part][1](string) for part in parts} == parts


def test_numbers_with_a_plus_sign_are_dialled_and_sums_are_not():
    assert is_dialled("+4930123456")
    assert not any(map(is_dialled, ["+12", "1234567", "12.5", "+1.5e300 kg"]))


SIGNS = st.text(st.sampled_from("a1.:/\\@#-+°'\"<>()[]{},; \n?&=%xé日²१"), max_size=40)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(SIGNS, st.text(max_size=40)), min_size=1, max_size=5))
def test_no_string_breaks_a_form_or_a_part_and_no_number_is_infinite(strings):
    find_form(strings)
    for string in strings:
        for _, take in FORM_PARTS.values():
            first = take(string)
            assert first == take(string)
            assert not isinstance(first, float) or math.isfinite(first)
