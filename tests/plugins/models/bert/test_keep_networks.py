"""Of networks that are used again the last ones are kept."""

from automl_builtins.models.bert import keep_networks
from automl_builtins.models.bert.keep_networks import MOST_KEPT, kept_body, kept_numbers


def test_what_was_made_is_handed_on_until_others_came(monkeypatch):
    monkeypatch.setattr(keep_networks, "_BODIES", {})
    first = kept_body("0", object)
    assert kept_body("0", object) is first
    for number in range(MOST_KEPT):
        kept_body(str(number + 1), object)
    assert kept_body("0", object) is not first


def test_numbers_are_kept_beside_the_layers(monkeypatch):
    monkeypatch.setattr(keep_networks, "_NUMBERS", {})
    made = {"weight": 1}
    assert kept_numbers("0", lambda: made) is made
    assert kept_numbers("0", dict) is made
