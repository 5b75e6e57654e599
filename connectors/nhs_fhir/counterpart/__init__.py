"""Be the hospital's own system: write its admissions as the Bundles that its integration engine would send."""
