"""Files as people have them -> frames."""
