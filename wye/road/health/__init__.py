"""Say how the hub is, for whoever operates it: what is red, and what to do. Counts and ages, never a personal value."""
