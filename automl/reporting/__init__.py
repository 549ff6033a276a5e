"""Reporting: what a fitted search can tell about itself: importance, dependence, plots, a report, a model card."""
