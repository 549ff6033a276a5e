"""What is asked -> task, metric, models, folds."""
