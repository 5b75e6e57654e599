"""Hold the deterministic rules, one to a file; each says when two records are surely one person, and why."""
