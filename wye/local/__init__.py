"""Run what one machine needs: an embedded PostgreSQL, a private RabbitMQ node, a child Airflow."""
