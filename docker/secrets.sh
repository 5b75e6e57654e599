#!/bin/sh
# Make the secrets of the trial, at random, in docker/secrets/. Run again, it keeps what is there.
# The folder is closed to other accounts of this machine; the files in it are readable, since Compose mounts them
# as they are, into containers whose accounts are others than yours.
set -eu
cd "$(dirname "$0")"
if [ -d secrets ]; then
    echo "secrets: docker/secrets is there already; remove it, and the volumes that know them, to make new ones" >&2
    exit 0
fi
umask 077
making=$(mktemp -d secrets.XXXXXX)
trap 'rm -rf "$making"' EXIT
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
put() { cat >"$making/$1" && chmod 0444 "$making/$1"; }

rabbitmq=$(word)
word | put postgres_password
# A login for each role, named as docker/postgres/ has them: url_of LOGIN PASSWORD
url_of() { printf 'postgresql://%s:%s@postgres:5432/wye' "$1" "$2"; }
application=$(word) sequencer=$(word) auditor=$(word) owner=$(word) airflow=$(word)
url_of wye_application_login "$application" | put wye_database_url
url_of wye_sequencer_login "$sequencer" | put wye_sequencer_database_url
url_of wye_auditor_login "$auditor" | put wye_auditor_database_url
url_of wye_owner "$owner" | put wye_migrator_database_url
put logins.sql <<SQL
CREATE ROLE wye_application_login LOGIN PASSWORD '$application' IN ROLE wye_application;
CREATE ROLE wye_sequencer_login LOGIN PASSWORD '$sequencer' IN ROLE wye_sequencer;
CREATE ROLE wye_auditor_login LOGIN PASSWORD '$auditor' IN ROLE wye_auditor;
CREATE ROLE wye_owner LOGIN PASSWORD '$owner';
CREATE ROLE wye_airflow LOGIN PASSWORD '$airflow';
SQL
printf 'amqp://wye:%s@rabbitmq:5672/wye' "$rabbitmq" | put wye_amqp_url
put rabbitmq.conf <<CONF
default_vhost = wye
default_user = wye
default_pass = $rabbitmq
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.write = .*
default_permissions.read = .*
disk_free_limit.absolute = 256MB
CONF
fernet=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')
put airflow.cfg <<CONF
[core]
fernet_key = $fernet
[database]
sql_alchemy_conn = postgresql+psycopg://wye_airflow:$airflow@postgres:5432/airflow
sql_alchemy_conn_async = postgresql+psycopg_async://wye_airflow:$airflow@postgres:5432/airflow
[api]
secret_key = $(word)
[api_auth]
jwt_secret = $(word)$(word)$(word)
CONF
mv "$making" secrets
trap - EXIT
