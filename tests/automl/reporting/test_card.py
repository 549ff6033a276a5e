"""The model card."""


def test_the_card_tells_what_for_how_good_and_how_that_is_known(classifier, tmp_path):
    text = classifier.card(tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == text
    for each in (
        "# Model card: bought",
        "## What it is for",
        "## How good it is",
        f"{classifier.score_:.5g}",
        "3-fold",
    ):
        assert each in text
