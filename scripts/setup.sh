#!/bin/sh
# The only thing in this repository that installs. Quick the second time: each part leaves a stamp of what it was made from.
set -eu
cd "$(dirname "$0")/.."

packages="rabbitmq-server openssh-server openssh-client strace softhsm2 openjdk-17-jre-headless ca-certificates"
apt_line="apt-get install -y --no-install-recommends $packages"

missing=""
for probe in /usr/lib/rabbitmq/bin/rabbitmq-server /usr/sbin/sshd /usr/bin/ssh-keygen /usr/bin/strace /usr/bin/softhsm2-util /usr/bin/java; do
    [ -x "$probe" ] || missing="$missing $probe"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "setup: missing:$missing" >&2
        echo "setup: as root, run once: apt-get update && $apt_line" >&2
        exit 3
    fi
    echo "setup: $apt_line" >&2
    # Installed services must not start by themselves: wye runs private ones of its own.
    policy=/usr/sbin/policy-rc.d
    made_policy=""
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        made_policy=yes
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null
    status=0
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends -q $packages >/dev/null || status=$?
    [ -z "$made_policy" ] || rm -f "$policy"
    [ "$status" = 0 ] || { echo "setup: apt-get ended with $status" >&2; exit 3; }
fi

command -v python3.11 >/dev/null || { echo "setup: python3.11 with venv and pip is needed" >&2; exit 3; }
want=$(cat requirements.lock pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat .venv/.wye-setup 2>/dev/null || true)" != "$want" ]; then
    echo "setup: building .venv from requirements.lock" >&2
    [ -x .venv/bin/python ] || python3.11 -m venv .venv
    if [ ! -x .venv/bin/uv ]; then
        # The one package that pip fetches: uv itself, at the version and hashes that the lock names.
        awk '/^uv==/{on=1} on{print} on&&!/\\$/{exit}' requirements.lock >.venv/uv.lock
        .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.lock
    fi
    export VIRTUAL_ENV="$PWD/.venv"
    .venv/bin/uv pip sync -q --require-hashes --compile-bytecode requirements.lock
    .venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
    echo "$want" >.venv/.wye-setup
fi
