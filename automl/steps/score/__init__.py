"""Predictions -> scores and intervals."""
