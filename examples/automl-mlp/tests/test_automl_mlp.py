"""The network keeps the model contract."""

from automl_mlp import MLP

from automl.testing import parametrize_with_model_checks


@parametrize_with_model_checks([MLP])
def test_it_keeps_the_model_contract(check):
    check()
