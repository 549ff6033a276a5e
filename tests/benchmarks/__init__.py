"""Integrations with public benchmarks."""
