-- Airflow's own database: nothing of ours is in it, and nothing of its in ours.
CREATE DATABASE airflow;
