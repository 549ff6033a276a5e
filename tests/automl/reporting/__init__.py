"""Tests of reports, plots, importance and model cards."""
