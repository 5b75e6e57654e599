"""Find what is wrong with an agreement's text before anybody signs it: its keys, its law, and its cases."""

from pathlib import Path

from wye.agreements.checking import check
from wye.agreements.in_force import read_agreement
from wye.errors import AgreementRefused
from wye.sharing.cases import failing
from wye.sharing.policy import compile_policy


def findings(home: Path) -> list[str]:
    """Give every finding about the agreement in a folder, a line each; none means that it may be signed."""
    try:
        loaded = read_agreement(home)
    except AgreementRefused as error:
        return str(error).splitlines()
    found = [str(finding) for finding in check(loaded.document, loaded.cases)]
    return found or list(failing(compile_policy(loaded.agreement), loaded.cases.value))
