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

postgres=$(word)
rabbitmq=$(word)
printf '%s' "$postgres" | put postgres_password
printf 'postgresql://wye:%s@postgres:5432/wye' "$postgres" | put wye_database_url
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
sql_alchemy_conn = postgresql+psycopg://wye:$postgres@postgres:5432/airflow
sql_alchemy_conn_async = postgresql+psycopg_async://wye:$postgres@postgres:5432/airflow
[api]
secret_key = $(word)
[api_auth]
jwt_secret = $(word)$(word)$(word)
CONF
mv "$making" secrets
trap - EXIT
