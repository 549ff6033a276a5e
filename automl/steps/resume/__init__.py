"""Runs that go on in a folder."""
