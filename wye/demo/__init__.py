"""Show the whole road on one machine: an invented county, its systems and partners, Airflow, and the proof."""
