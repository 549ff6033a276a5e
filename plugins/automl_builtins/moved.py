"""Where classes of saved models lie now that had another name, or whose modules had."""

from __future__ import annotations

from automl.plugin_api import hookimpl

LEARNERS = {
    "bert": "BertLearner",
    "forests": "ForestLearner",
    "lightgbm": "LightGBMLearner",
    "network": "NetworkLearner",
    "patches": "PatchLearner",
    "resnet": "ResNetLearner",
    "svm": "SupportVectorLearner",
    "xgboost": "XGBoostLearner",
}
"""Those that lay beside their spec, by the family that they are of."""
MOVED = {
    "automl_plugins": "automl_builtins",
    **{
        f"{package}.models.{family}:{name}": f"automl_builtins.models.{family}.learner:{name}"
        for family, name in LEARNERS.items()
        for package in ("automl_plugins", "automl_builtins")
    },
    **{
        f"{package}.preprocessors.text:TermWeights": "automl_builtins.preprocessors._term_weights:TermWeights"
        for package in ("automl_plugins", "automl_builtins")
    },
    "automl_plugins.models._bit_trees": "automl_builtins.models.lightgbm.bit_trees",
    "automl_plugins.models._single_rows": "automl_builtins.models.lightgbm.single_rows",
    "automl_plugins.models._histograms": "automl_builtins.models.xgboost.histograms",
    "automl_plugins.models._level_trees": "automl_builtins.models.xgboost.level_trees",
    "automl_plugins.models._binary_json": "automl_builtins.models.xgboost.binary_json",
    "automl_plugins.models._compact_trees": "automl_builtins.models.forests.compact_trees",
    "automl_plugins.models._calibration": "automl_builtins.models._shared.calibration",
    "automl_builtins.models.svm.calibration": "automl_builtins.models._shared.calibration",
    "automl_plugins.models._network_inputs": "automl_builtins.models.network.inputs",
    "automl_plugins.models._network_training": "automl_builtins.models.network.shape",
    "automl_builtins.models.network.training:Shape": "automl_builtins.models.network.shape:Shape",
    "automl_plugins.models._bert_layers": "automl_builtins.models.bert.layers",
    "automl_plugins.models._bert_reading": "automl_builtins.models.bert.reading",
    "automl_plugins.models._bert_states": "automl_builtins.models.bert.states",
    "automl_plugins.models._bert_tokens": "automl_builtins.models.bert.tokens",
    "automl_plugins.models._bert_training": "automl_builtins.models.bert.training",
    "automl_plugins.models._resnet_images": "automl_builtins.models.resnet.images",
    "automl_plugins.models._resnet_layers": "automl_builtins.models.resnet.layers",
    "automl_plugins.models._resnet_training": "automl_builtins.models.resnet.training",
    "automl_plugins.models._patch_features": "automl_builtins.models.patches.features",
    "automl_plugins.models._class_shares": "automl_builtins.models._shared.class_shares",
    "automl_plugins.models._target_scale": "automl_builtins.models._shared.target_scale",
    "automl_plugins.models._decision_values": "automl_builtins.models._shared.decision_values",
    "automl_plugins.models._row_products": "automl_builtins.models._shared.row_products",
    "automl_plugins.models._ridge": "automl_builtins.models._shared.ridge",
    "automl_plugins.models._iterations": "automl_builtins.models._shared.iterations",
    "automl_plugins.models._cells_and_numbers": "automl_builtins.models._shared.cells_and_numbers",
    "automl_plugins.models._fine_tuning": "automl_builtins.models._shared.fine_tuning",
    "automl_plugins.models._light_import": "automl_builtins.models._shared.light_import",
}


@hookimpl
def automl_moved_classes() -> dict[str, str]:
    """Return the new names of classes and modules by their old ones; the longest that fits decides."""
    return MOVED
