"""Find looks at people that nobody's work explains: at oneself, a namesake, someone at the same address, a relation."""
