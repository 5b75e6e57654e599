"""Read a served Dataverse: pages, deltas, deletions, expiry, limits, and what must never be told."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import orjson
import pytest
from crm_rows import TOKEN, contact, guid, incident

from connectors.crm import Crm
from connectors.crm.counterpart import serve
from connectors.crm.counterpart.tables import DESCRIPTIONS
from connectors.crm.webapi import Patience
from wye.ports import BadInput, ContractBroken, EnvironmentFault, FindsDeletions, SourceUnavailable, record_id
from wye.quality.check import check_rows
from wye.quality.contract import load_contract

ALL = [f"+{number}" for number in range(1, 13)]


def test_read_from_the_start_yields_every_row_once_in_pages(dataverse):
    sizes = [len(batch.rows) for batch in dataverse.connector().read("contacts", None, 5000)]

    assert sizes == [5, 5, 2]
    assert dataverse.read("contacts")[0] == ALL


def test_batch_is_never_larger_than_asked(dataverse):
    assert [len(batch.rows) for batch in dataverse.connector().read("contacts", None, 4)] == [4, 4, 4]


@pytest.mark.parametrize("page_size", ["1", "4", "5", "11", "12", "13"])
def test_read_from_every_cursor_equals_the_rest_of_a_full_read(dataverse, page_size):
    batches = list(dataverse.connector(page_size=page_size).read("contacts", None, 5000))
    seen = 0

    for batch in batches:
        seen += len(batch.rows)
        assert dataverse.read("contacts", batch.cursor, page_size=page_size)[0] == ALL[seen:]


def test_read_of_unchanged_rows_yields_no_batch(dataverse):
    _, cursor = dataverse.read("contacts")

    assert list(dataverse.connector().read("contacts", cursor, 5000)) == []


def test_delta_yields_what_changed_what_is_new_and_what_is_gone(dataverse):
    _, cursor = dataverse.read("contacts")
    rows = [contact(number) for number in range(1, 12)]
    rows[2] = contact(3, firstname="Bryn", versionnumber=1004)
    dataverse.put("contacts", [*rows, contact(13)])
    keys, later = dataverse.read("contacts", cursor)

    assert sorted(keys) == ["+13", "+3", "-12"]
    assert dataverse.read("contacts", later)[0] == []
    assert dataverse.read("contacts", cursor)[0] == keys


def test_delta_of_many_changes_comes_in_pages_and_resumes(dataverse):
    _, cursor = dataverse.read("contacts")
    dataverse.put("contacts", [contact(number, versionnumber=5000 + number) for number in range(1, 10)])
    batches = list(dataverse.connector().read("contacts", cursor, 5000))
    keys = dataverse.read("contacts", cursor)[0]

    assert [len(batch.rows) for batch in batches] == [5, 5, 2]
    assert sorted(keys) == sorted([f"+{number}" for number in range(1, 10)] + ["-10", "-11", "-12"])
    assert dataverse.read("contacts", batches[0].cursor)[0] == keys[5:]


def test_row_changed_during_a_pass_is_in_the_delta_after_it(dataverse):
    reading = dataverse.connector().read("contacts", None, 5000)
    next(reading)
    dataverse.put("contacts", [contact(1, versionnumber=9000), *(contact(number) for number in range(2, 12))])
    cursor = list(reading)[-1].cursor

    assert sorted(dataverse.read("contacts", cursor)[0]) == ["+1", "-12"]


def test_row_whose_version_did_not_grow_has_not_changed(dataverse):
    _, cursor = dataverse.read("contacts")
    dataverse.put("contacts", [contact(number, firstname="Bryn") for number in range(1, 13)])

    assert dataverse.read("contacts", cursor)[0] == []


@pytest.mark.parametrize("place", [0, -1])
def test_forgotten_token_leads_to_a_full_read(dataverse, place):
    batches = list(dataverse.connector().read("contacts", None, 5000))
    with serve(dataverse.folder, TOKEN) as url:
        dataverse.url = url
        assert dataverse.read("contacts", batches[place].cursor)[0] == ALL


def test_expired_token_leads_to_a_full_read(dataverse):
    _, cursor = dataverse.read("contacts")
    dataverse.limits.token_seconds = -1
    with serve(dataverse.folder, TOKEN, limits=dataverse.limits) as url:
        dataverse.url = url
        with pytest.raises(SourceUnavailable, match="forgets the pages of `contacts`"):
            dataverse.read("contacts", cursor)
        assert dataverse.read("contacts", cursor, page_size="12")[0] == ALL


def test_cursor_of_other_columns_leads_to_a_full_read(dataverse):
    _, cursor = dataverse.read("contacts")

    assert dataverse.read("contacts", str(cursor).replace("gendercode%2C", ""))[0] == ALL


def test_cursor_outlives_the_address_of_the_environment(dataverse):
    _, cursor = dataverse.read("contacts")

    assert dataverse.url not in str(cursor)
    assert TOKEN not in str(cursor)


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[1]", '{"delta": "incidents?x"}', '{"delta": 1}', '{"next": "https://x"}']
)
def test_foreign_cursor_is_refused(dataverse, cursor):
    with pytest.raises(ContractBroken, match="cursor"):
        dataverse.read("contacts", cursor)


def test_keys_list_what_is_there(dataverse):
    dataverse.put("contacts", [contact(number) for number in range(2, 13)])

    assert list(dataverse.connector().keys("contacts")) == [guid(number) for number in range(2, 13)]
    assert isinstance(dataverse.connector(), FindsDeletions)


def test_values_are_the_columns_of_the_contract_and_nothing_else(dataverse):
    for stream in ("contacts", "incidents"):
        contract = load_contract(Crm.contract, "crm").streams[stream]
        row = next(iter(dataverse.connector().read(stream, None, 5000))).rows[0]

        assert set(row.values) == set(contract.columns)
        assert set(contract.columns) <= set(dataverse.connector().discover(stream))
        contract.check_columns(frozenset(row.values))


def test_row_is_observed_when_it_was_modified(dataverse):
    row = next(iter(dataverse.connector().read("contacts", None, 5000))).rows[0]

    assert row.observed_at == datetime(2026, 3, 1, 9, 1, tzinfo=UTC)


def test_case_of_a_company_becomes_nothing_and_a_persons_case_a_contact_event(dataverse):
    lookup = "_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"
    dataverse.put("incidents", [incident(1), incident(2, **{lookup: "account"})])
    rows = next(iter(dataverse.connector().read("incidents", None, 5000))).rows
    found = [[record.model_dump() for record in dataverse.connector().map("incidents", row)] for row in rows]

    assert [row.values[lookup] for row in rows] == ["contact", "account"]
    assert found[1] == []
    assert found[0] == [
        {
            "subject": record_id("crm", "contacts", guid(1)),
            "occurred_at": "2026-02-01T09:00:00Z",
            "channel": "phone",
            "topic": "Missed bin collection",
            "reference": "CAS-1",
            "status": "closed",
        }
    ]


def test_half_character_and_nul_reach_the_rules_and_stop_only_their_row(dataverse):
    names = ["Ash\ud83d", "Ash\x00", "Łódź 😀x", "Ash"]
    dataverse.put(
        "contacts", [contact(place, firstname=name, versionnumber=9000) for place, name in enumerate(names, 1)]
    )
    rows = next(iter(dataverse.connector().read("contacts", None, 5000))).rows
    contract = load_contract(Crm.contract, "crm").streams["contacts"]
    failures = check_rows(contract, [row.values for row in rows], date(2026, 11, 21))

    assert [row.values["firstname"] for row in rows] == ["Ash\ufffd", "Ash\x00", "Łódź 😀x", "Ash"]
    assert [(failure.row, failure.rule) for failure in failures if failure.quarantines] == [
        (0, "firstname is clean text"),
        (1, "firstname is clean text"),
    ]
    assert all(orjson.loads(orjson.dumps(dict(row.values))) == row.values for row in rows)


def test_too_many_requests_are_waited_for_as_long_as_the_server_says(dataverse):
    dataverse.limits.requests, dataverse.limits.seconds = 2, 0.2

    def sleep(seconds: float) -> None:
        dataverse.slept.append(seconds)
        time.sleep(0.25)

    connector = Crm({"url": dataverse.url, "token": TOKEN, "page_size": "2"}, Patience(sleep=sleep))
    keys = [row.key for batch in connector.read("contacts", None, 5000) for row in batch.rows]

    assert len(keys) == len(set(keys)) == 12
    assert dataverse.slept
    assert set(dataverse.slept) == {1.0}


def test_limit_that_lasts_too_long_is_an_outage(dataverse):
    dataverse.limits.requests, dataverse.limits.seconds = 0, 100
    dataverse.limits._taken.append(time.monotonic())

    with pytest.raises(SourceUnavailable, match="`contacts`: HTTP 429, asked 3 times"):
        dataverse.read("contacts")
    assert dataverse.slept == [100.0, 100.0]


def test_wrong_token_is_named_by_its_setting_and_never_told(dataverse):
    with pytest.raises(SourceUnavailable, match="WYE_SOURCES__CRM__TOKEN") as raised:
        dataverse.read("contacts", token="not-the-token")  # noqa: S106  invented
    assert "not-the-token" not in str(raised.value)


def test_column_that_is_gone_stops_the_reading(dataverse, monkeypatch):
    held = DESCRIPTIONS["contacts"]
    fewer = {name: kind for name, kind in held.attributes.items() if name != "gendercode"}
    monkeypatch.setitem(DESCRIPTIONS, "contacts", replace(held, attributes=fewer))

    with serve(dataverse.folder, TOKEN) as url:
        dataverse.url = url
        with pytest.raises(ContractBroken, match="`contacts`"):
            dataverse.read("contacts")
        with pytest.raises(ContractBroken, match="lacks `gendercode`"):
            dataverse.connector().check()


def test_check_passes_on_a_whole_system(dataverse):
    dataverse.connector().check()


def test_absent_server_is_unavailable(dataverse):
    dataverse.url = "http://127.0.0.1:1"

    with pytest.raises(SourceUnavailable, match=r"no answer \(ConnectError\), asked 3 times"):
        dataverse.read("contacts")
    assert dataverse.slept == [1.0, 2.0]


@pytest.mark.parametrize("name", ["url", "token"])
def test_missing_setting_is_named_when_it_is_needed_and_not_before(name):
    connector = Crm({"url": "http://127.0.0.1:1", "token": "t"} | {name: ""})

    with pytest.raises(EnvironmentFault, match=f"WYE_SOURCES__CRM__{name.upper()}"):
        connector.check()


@pytest.mark.parametrize("held", ["0", "5001", "many", "-1"])
def test_page_size_that_dataverse_does_not_give_is_refused(dataverse, held):
    with pytest.raises(EnvironmentFault, match="PAGE_SIZE"):
        dataverse.read("contacts", page_size=held)


@pytest.mark.parametrize("held", ["0", "3601", "long", "-1"])
def test_patience_that_is_none_is_refused(held):
    connector = Crm({"url": "http://127.0.0.1:1", "token": "t", "patience_seconds": held})

    with pytest.raises(EnvironmentFault, match="PATIENCE_SECONDS"):
        connector.check()


def test_request_ends_with_its_patience_however_many_attempts_are_left():
    slept: list[float] = []
    patience = Patience(attempts=1000, request_seconds=5, sleep=slept.append)
    connector = Crm({"url": "http://127.0.0.1:1", "token": TOKEN}, patience)

    with pytest.raises(SourceUnavailable, match="asked 4 times"):
        next(iter(connector.read("contacts", None, 10)))
    assert slept == [1.0, 2.0, 4.0]


@contextmanager
def answering(*answers: bytes, pause: float = 0) -> Iterator[str]:
    """Serve raw bytes, one answer to a connection, the last one over and over."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def run() -> None:
            for number in range(50):
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(65536)
                    for piece in answers[min(number, len(answers) - 1)].split(b"|pause|"):
                        try:
                            peer.sendall(piece)
                        except OSError:
                            break
                        time.sleep(pause)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("answer", "pause", "said"),
    [
        (b"|pause|", 1, "no answer"),
        (http(b'{"value": []}' + b" " * 20).replace(b" " * 20, b"|pause| " * 20), 0.1, "no answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", 0, "no answer"),
        (http(b"<html>sign in</html>"), 0, "not OData"),
        (http(b"[" * 100_000), 0, "not OData"),
        (http(b'{"value": [{"x": NaN}]}'), 0, "not OData"),
        (http(b'{"value": 7}'), 0, "not OData"),
        (http(b'{"value": []}'), 0, "change tracking"),
        (http(b"", "503 Service Unavailable"), 0, "HTTP 503"),
        (http(b"", "302 Found", "Location: http://127.0.0.1:1/"), 0, "HTTP 302"),
        (http(b"", "403 Forbidden"), 0, "read rights"),
        (http(b'{"value": [{"firstname": "Zyx98765"}], "@odata.deltaLink": "x"}'), 0, "without `contactid`"),
        (http(b'{"value": [], "@odata.nextLink": "http://127.0.0.1:1/api/data/v9.2/contacts?x"}'), 0, "another host"),
        (http(b'{"value": [{"@odata.context": "$deletedEntity", "reason": "deleted"}]}'), 0, "deletion"),
    ],
)
def test_answer_that_is_none_is_an_error_that_says_what_and_no_value(dataverse, answer, pause, said):
    with answering(answer, pause=pause) as url:
        dataverse.url = url
        with pytest.raises((SourceUnavailable, ContractBroken), match=said) as raised:
            dataverse.read("contacts")

    assert "Zyx98765" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_retry_after_may_be_a_date(dataverse):
    past = http(b"", "429 Too Many Requests", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT")
    good = http(b'{"value": [], "@odata.deltaLink": "URL/api/data/v9.2/contacts?$deltatoken=1"}')
    with answering(past, good) as url:
        dataverse.url = url
        with pytest.raises(SourceUnavailable, match="another host"):
            dataverse.read("contacts")

    assert dataverse.slept == [0.0]


def test_unknown_stream_is_refused(dataverse):
    with pytest.raises(ContractBroken, match="no stream `accounts`"):
        dataverse.read("accounts")


def test_merged_contact_is_a_duplicate_of_its_master(dataverse):
    dataverse.put(
        "contacts", [contact(1), contact(2, merged=True, _masterid_value=guid(1).upper(), versionnumber=9000)]
    )
    rows = next(iter(dataverse.connector().read("contacts", None, 5000))).rows
    person, tie = dataverse.connector().map("contacts", rows[1])

    assert person.subject == record_id("crm", "contacts", guid(2))
    assert tie.model_dump(exclude_none=True) == {
        "subject": person.subject,
        "other": record_id("crm", "contacts", guid(1)),
        "kind": "duplicate",
    }


def test_refusals_of_the_mapping_name_the_column_and_no_value(dataverse):
    dataverse.put("contacts", [contact(1, mobilephone="Zyx98765", versionnumber=9000)])
    (row,) = next(iter(dataverse.connector().read("contacts", None, 5000))).rows

    with pytest.raises(BadInput, match="`mobilephone`") as raised:
        list(dataverse.connector().map("contacts", row))
    assert "Zyx98765" not in str(raised.value)


def test_served_rows_carry_annotations_only_when_asked(dataverse):
    import httpx2

    def first(prefer: str) -> dict[str, object]:
        answer = httpx2.get(
            f"{dataverse.url}/api/data/v9.2/incidents",
            headers={"Authorization": f"Bearer {TOKEN}", "Prefer": prefer},
        )
        return dict(json.loads(answer.content)["value"][0])

    assert [name for name in first("") if "@" in name] == ["@odata.etag"]
    asked = first('odata.include-annotations="*"')
    assert asked["createdon@OData.Community.Display.V1.FormattedValue"] == "01-02-2026 10:00"
    assert asked["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "contact"


def test_formatted_values_that_come_unasked_are_dropped():
    from connectors.crm.entities import ENTITIES
    from connectors.crm.pages import source_row

    item = contact(1) | {"birthdate@OData.Community.Display.V1.FormattedValue": "01-05-1980", "@odata.etag": "x"}

    assert set(source_row(ENTITIES["contacts"], item).values) == set(contact(1))
