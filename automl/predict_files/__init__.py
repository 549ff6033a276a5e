"""Predict files: from a file of any size to a file of predictions, block by block."""
