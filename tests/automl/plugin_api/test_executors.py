"""What an executor says of a call when it knows nothing: not whether it has begun, and no last word."""

from concurrent.futures import Future

from automl.plugin_api import Started


def test_a_call_of_which_nothing_is_heard_is_one_that_may_not_have_begun():
    started = Started(Future())
    assert started.began() is None
    assert started.last_words() == ""
