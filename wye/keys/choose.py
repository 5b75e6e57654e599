"""Open the keys that the settings name: a file on this machine, or a PKCS#11 token."""

from wye.errors import EnvironmentFault, UsageError
from wye.keys.closed import read_closed
from wye.keys.file import FileKeys
from wye.keys.provider import KeyProvider
from wye.settings import Settings


def open_keys(settings: Settings, *, create: bool = True) -> KeyProvider:
    """Open the configured provider; with `create`, make its keys at the first asking.

    Raises UsageError if a setting is missing, EnvironmentFault if the keys are not there or not closed to others.
    """
    if settings.key_provider == "file":
        return FileKeys.open(settings.keys, create=create)
    from wye.keys.token import TokenKeys  # loads a C library

    module, label, pin_file = settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file
    if module is None or label is None or pin_file is None:
        raise UsageError("WYE_KEY_PROVIDER=pkcs11 needs WYE_PKCS11_MODULE, WYE_PKCS11_TOKEN and WYE_PKCS11_PIN_FILE")
    pin = read_closed(pin_file).decode(errors="replace").strip()
    if not pin:
        raise EnvironmentFault(f"`{pin_file}` holds no PIN")
    return TokenKeys.open(module, label, pin, create_under=settings.keys if create else None)
