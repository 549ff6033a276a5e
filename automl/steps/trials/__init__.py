"""Candidates -> fold jobs on slots -> results."""
