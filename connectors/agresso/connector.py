"""Put the finance system behind the ports."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from connectors.agresso import payment_status
from connectors.agresso.care_payments import Coding, check_batch_name, read_payments, records
from connectors.agresso.drop import drop
from connectors.agresso.gl07 import END
from wye.ports import BadInput, Canonical, ContractBroken, SourceBatch, SourceRow, SourceUnavailable, Use, WrittenBatch

PAYMENTS = "payments"
CARE_PAYMENTS = "care_payments"


class Agresso:
    """Write care payments to finance and read what became of them.

    Settings: `drop_folder` (finance collects batches there), `status_folder` (finance keeps `payment_status.csv`
    there), `care_system` (whose packages are paid for; `frameworki`).
    """

    name = "agresso"
    contract = Path(__file__).with_name("contract.odcs.yaml")
    works_in: frozenset[Use] = frozenset()
    """Finance knows payments and providers; of a person it needs a case number only."""

    def __init__(self, config: Mapping[str, str]) -> None:
        self._config = config

    def streams(self) -> tuple[str, ...]:
        """List the one stream: what became of each payment."""
        return (PAYMENTS,)

    def check(self) -> None:
        """See that the batch folder can be written and the status file read."""
        folder = self._folder("drop_folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise SourceUnavailable(
                "agresso: this account may not write to `drop_folder`; ask finance for the right to"
            )
        payment_status.read_header(self._folder("status_folder"))

    def discover(self, stream: str) -> Mapping[str, str]:
        """Tell the status file's columns; all of them are text."""
        self._known(stream)
        return dict.fromkeys(payment_status.read_header(self._folder("status_folder")), "text")

    def read(self, stream: str, cursor: str | None, batch_rows: int) -> Iterator[SourceBatch]:
        """Read the payments whose state changed since the cursor."""
        self._known(stream)
        return payment_status.read_status(self._folder("status_folder"), cursor, batch_rows)

    def map(self, stream: str, row: SourceRow) -> Iterable[Canonical]:
        """Map one status row to a payment; its subject is the package's row in the care system."""
        self._known(stream)
        if row.deleted:
            return ()
        return (payment_status.map_payment(row, self._config.get("care_system", "frameworki")),)

    def write(self, stream: str, items: Sequence[Mapping[str, object]], batch: str) -> WrittenBatch:
        """Write the payments as one GL07 batch. Tells how many payments it holds and their sum.

        Each item holds `reference` (of the package), `provider_reference`, `provider`, `amount_pence`, `period`
        (YYYYMM), `description`, `due_on` (ISO day) and `item` (UUID). Raises BadInput for the whole batch if one of
        them is wrong: a payment run is right or it is not made.
        """
        if stream != CARE_PAYMENTS:
            raise BadInput(f"agresso takes `{CARE_PAYMENTS}`, not `{stream}`")
        check_batch_name(batch)
        payments = read_payments(items)
        pence = sum(payment.amount_pence for payment in payments)
        lines = (record + END for record in records(payments, batch, Coding()))
        drop(self._folder("drop_folder"), batch, lines, pence)
        return WrittenBatch(batch, len(payments), pence)

    def _folder(self, setting: str) -> Path:
        path = self._config.get(setting)
        if not path:
            raise SourceUnavailable(f"agresso: setting `{setting}` is missing; name the folder that finance shares")
        if not Path(path).is_dir():
            raise SourceUnavailable(f"agresso: the folder of setting `{setting}` is not there")
        return Path(path)

    @staticmethod
    def _known(stream: str) -> None:
        if stream != PAYMENTS:
            raise ContractBroken(f"agresso has no stream `{stream}`; it has `{PAYMENTS}`")
