"""Distinct strings serve by their parts, as text or not at all, and the same for a row alone as among others."""

from __future__ import annotations

import string
import uuid

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl import AutoML
from automl.errors import OptionError
from automl.table.columns.encode_table import encode_table
from automl.table.columns.note_columns import column_findings
from automl.table.columns.type_columns import type_columns
from automl.vocabulary.schema import ColumnKind, Schema
from tests.automl.table.columns.test_type_columns import no_plugins
from tests.conftest import quick

N = 300
RNG = np.random.default_rng(0)
UP = RNG.random(N) < 0.5
WORDS = ["red", "blue", "green", "shirt", "shoe", "coat", "cotton", "wool", "silk", "large"]
CHINESE = list("快递包装价格商品颜色客服今天收到使用感觉")
COLUMNS = {
    "lat,lon": [f"{48 + RNG.normal():.5f},{11 + RNG.normal():.5f}" for _ in UP],
    "ip": [f"{'10.0' if up else '192.168'}.{RNG.integers(256)}.{RNG.integers(256)}" for up in UP],
    "mail": [f"user{RNG.integers(10**7)}@{'corp.de' if up else 'mail.ru'}" for up in UP],
    "url": [f"https://{'shop' if up else 'blog'}.site.com/p/{RNG.integers(10**7)}" for up in UP],
    "page": [f"https://site.com/{'-'.join(RNG.choice(WORDS, 5))}" for _ in UP],
    "path": [f"/home/{'ann' if up else 'bob'}/{RNG.integers(10**7)}.txt" for up in UP],
    "phone": [f"{'+49' if up else '+33'}{RNG.integers(10**8, 10**9)}" for up in UP],
    "sku": [f"{'AB' if up else 'CD'}-{RNG.integers(10**7):07d}" for up in UP],
    "mac": [f"{'00:1b:44' if up else '3c:5a:b4'}:{RNG.integers(10, 99)}:{RNG.integers(10, 99)}:aa" for up in UP],
    "colour": [f"#{RNG.integers(2**24):06x}" for _ in UP],
    "zip": [f"{RNG.integers(99_999):05d}" for _ in UP],
    "name": [f"{RNG.choice(WORDS)}{each:x}, {RNG.choice(['Ann', 'Bob'])}" for each in range(N)],
    "fifth": ["".join(RNG.choice(list(string.ascii_uppercase), 4)) + "AB"[up] for up in UP.astype(int)],
    "dna": ["".join(RNG.choice(list("ACGT"), 40)) for _ in UP],
    "joint": ["".join(RNG.choice(WORDS, 5)) for _ in UP],
    "zh": ["".join(RNG.choice(CHINESE, 12)) for _ in UP],
    "short": ["".join(RNG.choice(CHINESE, 3)) for _ in UP],
    "uuid": [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in UP],
    "key": [f"key{each}" for each in range(N)],
    "number": RNG.normal(size=N),
}
TABLE = pd.DataFrame(COLUMNS)
SCHEMA = type_columns(TABLE, no_plugins())


def parts_of(schema: Schema, name: str) -> set[str]:
    return {column.part for column in schema.columns if column.source == name and column.part}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("lat,lon", {"value 1", "value 2"}),
        ("ip", {"network", "octet 3", "octet 4"}),
        ("mail", {"domain", "name number"}),
        ("url", {"host", "file number"}),
        ("page", {"words"}),
        ("path", {"folder 2"}),
        ("phone", {"digits 1"}),
        ("sku", {"letters", "number"}),
        ("mac", {"maker"}),
        ("colour", {"red", "green", "blue"}),
        ("zip", {"digits 1", "digits 2", "as number"}),
        ("fifth", {"sign 5"}),
        ("short", {"sign 1", "sign 2", "sign 3"}),
    ],
)
def test_strings_of_a_form_serve_by_their_parts_and_are_asked_for_when_predicting(name, parts):
    column = SCHEMA.columns[list(TABLE).index(name)]
    assert parts <= parts_of(SCHEMA, name)
    assert name in SCHEMA.needed
    assert column.kind in (ColumnKind.IGNORED, ColumnKind.CATEGORICAL)


@pytest.mark.parametrize("name", ["dna", "joint", "zh", "name"])
def test_texts_without_spaces_are_texts(name):
    assert SCHEMA.columns[list(TABLE).index(name)].kind is ColumnKind.TEXT


def test_a_row_alone_is_encoded_as_among_others():
    odd = TABLE.head(12).copy()
    for place, value in enumerate(
        ["", " ", None, "x", "10.0.0.1", "a@b", "://", "²", "\uff11\uff12", "-", "\n", "1e999"]
    ):
        odd.iloc[place, :-1] = value
    frame = pd.concat([TABLE.head(60), odd], ignore_index=True)
    whole = encode_table(frame, SCHEMA)
    alone = pd.concat([encode_table(frame.iloc[[row]], SCHEMA) for row in range(len(frame))], ignore_index=True)
    pd.testing.assert_frame_equal(alone, whole)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=25), min_size=40, max_size=60, unique=True))
def test_any_distinct_strings_are_typed_and_encoded(strings):
    frame = pd.DataFrame({"text": strings, "number": np.arange(len(strings)) % 7})
    schema = type_columns(frame, no_plugins())
    whole = encode_table(frame, schema)
    alone = pd.concat([encode_table(frame.iloc[[row]], schema) for row in range(3)], ignore_index=True)
    pd.testing.assert_frame_equal(alone, whole.head(3))


def test_cells_that_cannot_be_hashed_are_read_where_strings_were():
    frame = TABLE.head(40).astype(object)
    frame.loc[3, "ip"] = ["10.0.0.1"]
    assert len(encode_table(frame, SCHEMA)) == 40


@pytest.mark.parametrize("kind", ["text", "categorical", "ignored"])
def test_the_user_says_what_kind_a_column_is(kind):
    schema = type_columns(TABLE[["uuid", "number"]], no_plugins(), asked={"uuid": ColumnKind(kind)})
    assert schema.columns[0].kind is ColumnKind(kind)
    assert len(schema.needed) == (1 if kind == "ignored" else 2)


def test_numbers_of_rows_are_used_where_the_user_says_so():
    frame = pd.DataFrame({"id": np.arange(50), "x": np.arange(50) % 3})
    assert type_columns(frame, no_plugins()).columns[0].kind is ColumnKind.IGNORED
    assert type_columns(frame, no_plugins(), asked={"id": ColumnKind.NUMERIC}).columns[0].kind is ColumnKind.NUMERIC


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"mail": "words"}, "Kinds: numeric"),
        (["mail"], "expected the kind of each column"),
        ({"male": "text"}, "Did you mean 'mail'"),
    ],
)
def test_a_kind_or_a_column_that_there_is_not_is_refused(columns, said):
    with pytest.raises(OptionError, match=said):
        AutoML(columns=columns, time_limit=None, max_trials=1).fit(TABLE.assign(y=UP), "y")


def test_a_model_learns_from_parts_and_predicts_the_same_for_a_row_alone(tmp_path):
    train = TABLE[["mail", "uuid", "number"]].assign(y=UP)
    model = quick(models=["lightgbm"], max_trials=1, columns={"number": "ignored"}).fit(train, "y")
    found = model.predict_proba(train)[:, 1]
    assert ((found > 0.5) == UP).all()
    np.testing.assert_array_equal(model.predict_proba(train.iloc[[5]])[:, 1], found[[5]])
    loaded = AutoML.load(model.save(tmp_path / "m.automl"))
    np.testing.assert_array_equal(loaded.predict_proba(train.drop(columns=["uuid", "number"]))[:, 1], found)
    summary = model.schema_summary_.set_index("column")
    assert summary.loc["mail", "used"]
    assert not summary.loc["number", "used"]
    assert any("'uuid'" in note for note in model.notes_)
    assert set(model.audit_["topic"]) >= {"identifier", "parts"}
    assert (
        model.check(train.drop(columns="mail"), strict=False).set_index("column").loc["mail", "verdict"]
        == "missing column"
    )


def test_categories_of_many_names_that_share_words_have_their_names_beside_them():
    rng = np.random.default_rng(1)
    words = (["police", "fire", "water", "road", "park", "city"], ["officer", "chief", "clerk"], ["I", "II", "III"])
    titles = [" ".join(rng.choice(each) for each in words) for _ in range(N)]
    codes = [f"v{each}" for each in rng.integers(0, 60, N)]
    frame = pd.DataFrame({"title": titles, "code": codes, "x": RNG.normal(size=N)})
    schema = type_columns(frame, no_plugins())
    assert [(each.name, each.source, each.part) for each in schema.of_kind(ColumnKind.NAME)] == [
        ("title name", "title", "name")
    ]
    assert {each.name for each in schema.of_kind(ColumnKind.CATEGORICAL)} >= {"title"}
    stored = encode_table(frame, schema)
    alone = encode_table(pd.DataFrame({"title": ["water clerk IV"], "code": ["v1"], "x": [0.0]}), schema)
    assert stored["title name"].tolist() == titles
    assert alone["title name"].tolist() == ["water clerk IV"]
    assert alone["title"].tolist() == [-1]
    assert any(each.topic == "names" and each.column == "title" for each in column_findings(schema))
    few = type_columns(frame.assign(title=[title.split()[0] for title in titles]), no_plugins())
    assert not few.of_kind(ColumnKind.NAME)
