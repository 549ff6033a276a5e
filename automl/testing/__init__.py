"""The contract kit: checks that plugins run in their own tests."""
