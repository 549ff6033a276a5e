"""Score predictions by a metric; the code is part of the public contract because ensemblers score as well."""

from automl.plugin_api.scoring import loss_of, score_predictions

__all__ = ["loss_of", "score_predictions"]
