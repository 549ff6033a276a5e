"""`automl card` and `automl report`: a saved model told in Markdown and in HTML."""

from tests.automl.cli.running import run


def test_the_card_is_printed_or_written(fitted, tmp_path):
    printed = run("card", fitted[0])
    assert printed.startswith("# Model card: ill")
    assert run("card", fitted[0], "-o", tmp_path / "card.md").strip() == f"wrote {tmp_path / 'card.md'}"
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == printed
