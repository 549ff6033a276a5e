"""Tables for notebooks: what a name or a value holds is shown, never obeyed."""

from automl.render_table import render_table, spell_cell


def test_names_values_and_the_title_are_escaped():
    shown = render_table(("<b>",), [("<script>",)], title="a & b")
    assert "<b>" not in shown
    assert "<script>" not in shown
    assert "&lt;b&gt;" in shown
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown


def test_numbers_stand_to_the_right_and_text_to_the_left():
    shown = render_table(("name", "score"), [("linear", 0.5), ("lightgbm", 0.25)])
    assert shown.count("text-align: right") == 3
    assert shown.count("text-align: left") == 3


def test_five_digits_are_shown_and_a_dash_where_there_is_nothing():
    assert spell_cell(0.123456789) == "0.12346"
    assert spell_cell(None) == spell_cell(float("nan")) == "\N{EN DASH}"
    assert spell_cell(1234567) == "1234567"


def test_a_table_without_rows_has_its_head():
    assert render_table(("name",), []).count("<tr>") == 1
