"""What the table has that a user should know."""
