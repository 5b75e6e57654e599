"""Hold what every use-case of one running hub needs. Built by wye.bootstrap, handed in, never global."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wye.agreements.in_force import InForce, standing
from wye.exchange.identities import Party, PublicParty, read_partner
from wye.keys.provider import KeyProvider
from wye.ports import Connector, Receives
from wye.quality.contract import Contract, load_contract, refuse_table_rules
from wye.settings import Settings
from wye.store.database import Connection


@dataclass(slots=True)
class Hub:
    """Be one hub at work: a connection, keys, a clock, and what is installed and signed."""

    settings: Settings
    conn: Connection
    """Signed in as the application (docs/roles.md)."""
    keys: KeyProvider
    actor: str
    """The signed-in account, for the audit trail."""
    at: Callable[[], datetime]
    make_connector: Callable[[str], Connector]
    source_names: tuple[str, ...]
    agreements: Mapping[str, InForce]
    """Agreements in force, by id."""
    refused: Mapping[str, str]
    """Agreements that are not in force, and why: nothing is shared under them."""
    amqp_url: str
    party: Party
    """The hub's own key pairs towards partners."""
    sequencer_url: str
    """The same database as the sequencer's login: the application may give no index and store no checkpoint."""
    log_is_ours: bool = False
    """The audit log was compared with its witnesses since this hub opened."""
    _connectors: dict[str, Connector] = field(default_factory=dict)
    _partners: dict[str, PublicParty] = field(default_factory=dict)
    _contracts: dict[str, Contract] = field(default_factory=dict)

    @property
    def feeds(self) -> list[str]:
        """Name the agreements in force that are shared by feed: a change of a person is due under each of them."""
        return [name for name, standing in self.agreements.items() if standing.agreement.feeds]

    def connector(self, name: str) -> Connector:
        """Give the connector of a system, built once."""
        if name not in self._connectors:
            self._connectors[name] = self.make_connector(name)
        return self._connectors[name]

    def renew(self) -> None:
        """Find again what is in force: a worker that runs for days must notice an expiry, a suspension, a new text, a key."""
        self.keys.renew()
        found = standing(self.settings, self.conn, self.at())
        self.agreements, self.refused = found.in_force, found.refused

    def partner(self, name: str) -> PublicParty:
        """Give a partner's public keys; raises UsageError if they were never exchanged."""
        if name not in self._partners:
            self._partners[name] = read_partner(self.settings.home / "partners", name)
        return self._partners[name]

    def contract(self, name: str) -> Contract:
        """Give the compiled contract of a system."""
        if name not in self._contracts:
            connector = self.connector(name)
            found = load_contract(connector.contract, name)
            self._contracts[name] = refuse_table_rules(found) if isinstance(connector, Receives) else found
        return self._contracts[name]
