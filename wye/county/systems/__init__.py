"""Hold one writer for each system: what it knows of the residents, in its own files and its own words."""
