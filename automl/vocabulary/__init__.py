"""The nouns of the engine: frozen records that every layer shares."""
