"""A right tracker passes the contract of its kind; one that cannot be asked for does not."""

import pytest

from automl.errors import PluginError
from automl.plugin_api import TrackerSpec
from automl.testing import check_tracker, parametrize_with_tracker_checks
from tests.automl.testing.toy_plugins import TRACKER


@parametrize_with_tracker_checks([TRACKER])
def test_a_right_tracker_passes(check):
    check()


@pytest.mark.parametrize("name", ["", "a:b", "two words"])
def test_a_name_that_cannot_stand_before_a_colon_is_caught(name):
    with pytest.raises(PluginError, match="some letters without a colon or a space"):
        check_tracker(TrackerSpec(name, lambda request: None))


def test_a_library_that_nobody_can_install_is_caught():
    with pytest.raises(PluginError, match="set `install`"):
        check_tracker(TrackerSpec("own", lambda request: None, requires=("no_such_library",)))
