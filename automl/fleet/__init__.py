"""Searches on machines of a cluster: an agent of our own on each, and an executor that hands fits to them."""
