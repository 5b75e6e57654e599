"""Set the stage: databases, broker, the county's systems and the partners, all on this machine and all of them real.

Everything lies in one folder; setting the same stage again begins from nothing.
"""

import os
import secrets
import shlex
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import orjson
import psycopg
from pydantic_settings import EnvSettingsSource

from wye.agreements.in_force import Standing, standing
from wye.agreements.model import Agreement
from wye.county import CountySummary, make
from wye.demo.processes import Processes
from wye.errors import EnvironmentFault
from wye.exchange.broker import open_channel
from wye.exchange.identities import hub_party
from wye.exchange.topology import Route, declare, permissions, queues
from wye.keys.file import FileKeys
from wye.local.broker import Broker
from wye.local.cluster import OWNER, Cluster
from wye.local.places import embedded
from wye.road.account import clock
from wye.road.deliver import adapter_settings
from wye.settings import Settings
from wye.store.database import migrate
from wye.vocabulary import Template

MODULE = {"arrowshire-hospitals": "connectors.nhs_fhir.counterpart", "marches-police": "connectors.police.counterpart"}
"""Which counterpart writes what each invented partner sends."""


@dataclass(slots=True)
class Stage:
    """Hold a stage that is set: how a hub on it is configured, and where everything is."""

    home: Path
    settings: Settings
    environment: dict[str, str]
    county: CountySummary
    processes: Processes
    partners: dict[str, Path]
    """Configuration file of each outside partner, by name."""
    databases: dict[str, str]
    """Each by name, as its owner; the hub itself signs in as its roles' logins."""
    agreements: list[Agreement] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """Say where the county's files are."""
        return self.home / "county"


def set_stage(
    home: Path,
    *,
    people: int,
    seed: int,
    cluster: Cluster,
    broker: Broker,
    agreements: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Stage:
    """Set the stage from nothing: raises EnvironmentFault saying what is missing. End `stage.processes` afterwards."""
    home = home.resolve()
    for part in ("county", "partners", "adapters", "keys", "drops", "logs", "counterparts"):
        shutil.rmtree(home / part, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    say(f"making a county of {people} people")
    county = make(home / "county", people, seed)
    prefix = _prefix(home)
    names = ("hub", "mosaic", "finance", *MODULE)
    databases = {name: _fresh(cluster, prefix, name) for name in names}
    migrate(databases["hub"])
    hub = embedded(cluster, _database(prefix, "hub"))
    root = (agreements / "root.pub").read_text().strip() if (agreements / "root.pub").exists() else None
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("WYE_", "AIRFLOW"))},
        "WYE_HOME": str(home),
        "WYE_DATABASE_URL": hub.application,
        "WYE_SEQUENCER_DATABASE_URL": hub.sequencer,
        "WYE_AUDITOR_DATABASE_URL": hub.auditor,
        "WYE_AMQP_URL": broker.url,
        "WYE_AGREEMENTS": str(agreements.resolve()),
        "WYE_ALLOW_EXAMPLE_SIGNERS": "true",
        **({"WYE_AGREEMENTS_ROOT": root} if root else {}),
    }
    settings = settings_of(environment)
    FileKeys.open(settings.keys)
    processes = Processes(home / "logs", environment)
    stage = Stage(home, settings, environment, county, processes, {}, databases)
    try:
        found = standing(settings, None, clock())
        _check_any(found)
        stage.agreements = [each.agreement for each in found.in_force.values() if each.agreement.feeds]
        say("starting the council's systems: Mosaic, Dataverse, revenues over SFTP, finance")
        _start_systems(stage)
        say("setting up the partners: hospital, police and the council's finance")
        _set_up_partners(stage, broker)
    except BaseException:
        processes.__exit__(None, None, None)
        raise
    stage.settings = settings_of(stage.environment)
    _write_environment(stage)
    return stage


def _write_environment(stage: Stage) -> None:
    """Write the settings for a shell, so that every command can be tried on what the stage shows."""
    path = stage.home / "environment"
    path.touch(mode=0o600)
    settings = {key: value for key, value in stage.environment.items() if key.startswith("WYE_")}
    path.write_text("".join(f"export {key}={shlex.quote(value)}\n" for key, value in sorted(settings.items())))


def _check_any(found: Standing) -> None:
    if not found.in_force:
        raise EnvironmentFault(f"no agreement is in force: {'; '.join(found.refused.values())}")


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Read settings from a given environment rather than the process's own."""
    source = EnvSettingsSource(Settings)
    source.env_vars = {key.lower(): value for key, value in environment.items()}
    return Settings(**source())


def _start_systems(stage: Stage) -> None:
    """Start the counterpart of each source and note how it is reached."""
    data, home, drops = stage.data, stage.home / "counterparts", stage.home / "drops"
    imports = drops / "mosaic"
    imports.mkdir(parents=True)
    stage.processes.run(
        "connectors.frameworki.counterpart", "--data", str(data / "frameworki"), "--url", stage.databases["mosaic"]
    )
    token = secrets.token_urlsafe(24)
    stage.processes.environment["CRM_COUNTERPART_TOKEN"] = token
    crm = stage.processes.announce("crm", "connectors.crm.counterpart", "--data", str(data / "crm"))
    revenues = stage.processes.announce(
        "revenues", "connectors.civica_revenues.counterpart", "--data", str(data), "--home", str(home / "revenues")
    )
    finance = stage.processes.announce(
        "finance", "connectors.agresso.counterpart", "--data", str(data), "--home", str(home / "finance")
    )
    sources = {
        "FRAMEWORKI": {"url": stage.databases["mosaic"], "import_folder": str(imports)},
        "CRM": {**crm, "token": token},
        "CIVICA_REVENUES": revenues,
        "AGRESSO": finance,
    }
    for source, config in sources.items():
        for key, value in config.items():
            stage.environment[f"WYE_SOURCES__{source}__{key.upper()}"] = value
    stage.processes.environment = stage.environment


def _set_up_partners(stage: Stage, broker: Broker) -> None:
    """Exchange keys with each recipient and sender, give it an account on the broker, and start the outside ones."""
    hub_party(stage.settings.keys / "exchange", stage.settings.council)
    hub_public = stage.settings.keys / "exchange" / "partner.json"
    routes = [
        Route(each.id, each.recipient, outbound=True, inbound=each.inbound is not None) for each in stage.agreements
    ]
    with open_channel(broker.url) as channel:
        for queue in queues(routes):
            channel.queue_delete(queue.name)
        declare(channel, routes)
    (stage.home / "partners").mkdir()
    for name in sorted({each.recipient for each in stage.agreements}):
        mine = [each for each in stage.agreements if each.recipient == name]
        internal = all(each.template is Template.INTERNAL for each in mine)
        home = stage.home / "counterparts" / name
        stage.processes.run("wye.partner", "init", "--home", str(home), "--name", name)
        shutil.copy(home / "partner.json", stage.home / "partners" / f"{name}.json")
        password = secrets.token_urlsafe(24)
        account = f"{_prefix(stage.home)}-{name}"
        broker.add_user(account, password, *permissions(name, routes))
        config = {
            "name": name,
            "home": str(home),
            "hub": str(hub_public),
            "database_url": stage.databases["finance" if internal else name],
            "amqp_url": _as_account(broker.url, account, password),
            "feeds": [{"agreement": each.id, "signature_required": each.sign_each_message} for each in mine],
            "inbound": [each.id for each in mine if each.inbound is not None],
        }
        path = adapter_settings(stage.home, name) if internal else home / "config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(orjson.dumps(config))
        if not internal:
            stage.partners[name] = path


def start_partners(stage: Stage) -> None:
    """Start every outside partner's consumer."""
    for name, path in stage.partners.items():
        stage.processes.start(name, "wye.partner", "--config", str(path))


def send_from_partners(stage: Stage) -> int:
    """Have each partner with an inbound half send what its own system has; gives how many messages were sent."""
    sent = 0
    for agreement in stage.agreements:
        if agreement.inbound is None:
            continue
        name = agreement.inbound.partner
        media = {"nhs_fhir": "application/fhir+json", "police": "application/vnd.wye.pole+json"}[
            agreement.inbound.connector
        ]
        lines = stage.processes.run(MODULE[name], "--data", str(stage.data)).splitlines()
        outgoing = stage.home / "counterparts" / name / "outgoing.jsonl"
        outgoing.touch(mode=0o600)
        header = {"agreement": agreement.id, "version": agreement.version, "media_type": media}
        outgoing.write_bytes(b"".join(orjson.dumps(header | orjson.loads(line)) + b"\n" for line in lines))
        told = stage.processes.run(
            "wye.partner", "send", "--config", str(stage.partners[name]), "--file", str(outgoing)
        )
        sent += int(orjson.loads(told.splitlines()[-1])["sent"])
    return sent


def _prefix(home: Path) -> str:
    return f"stage_{sha256(str(home).encode()).hexdigest()[:8]}"


def _fresh(cluster: Cluster, prefix: str, name: str) -> str:
    """Make a database anew: the hub's belongs to the cluster's owner, every other system's to a login of its own."""
    database = _database(prefix, name)
    with suppress(psycopg.Error):
        cluster.drop_database(database)
    owner = OWNER if name == "hub" else cluster.login(f"stage_{name.replace('-', '_')}")
    return cluster.create_database(database, owner=owner)


def _database(prefix: str, name: str) -> str:
    return f"{prefix}_{name.replace('-', '_')}"


def _as_account(url: str, account: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{account}:{quote(password, safe='')}@{parts.hostname}:{parts.port}"))
