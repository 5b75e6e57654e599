"""Be the force's own system: write its notices as the messages that it would send."""
