"""The nouns of a fitted predictor: all that predicting needs."""
