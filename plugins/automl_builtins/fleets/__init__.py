"""Fleets: clusters of machines that a search can run on, by way of the engines that keep them together."""
