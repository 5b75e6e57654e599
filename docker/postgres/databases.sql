-- Two databases with an owner each: nothing of ours is in Airflow's, and nothing of its in ours.
CREATE DATABASE wye OWNER wye_owner;
CREATE DATABASE airflow OWNER wye_airflow;
REVOKE CONNECT ON DATABASE wye FROM PUBLIC;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
GRANT CONNECT ON DATABASE wye TO wye_application, wye_sequencer, wye_auditor;
