"""Built-in ensemblers."""
