"""Storage: fitted objects as a JSON tree and a blob of numbers, and the folder or zip that holds them. No pickle."""
