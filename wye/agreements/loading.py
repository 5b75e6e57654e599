"""Read YAML strictly: what is not exactly right is refused with file, line, value and what is allowed.

Only mappings, lists and plain values; no anchors, aliases, tags or second documents; bounded in size and depth.
`true` and `false` are the only truths, whole decimal numbers the only numbers; anything else is text, so a
version `1.0`, a country `no` and a date stay what was written (and are then checked as what they should be).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import orjson
import yaml
from pydantic import BaseModel, ValidationError

from wye.errors import AgreementRefused

MAXIMUM_BYTES = 256 * 1024
MAXIMUM_DEPTH = 16
Place = tuple[str | int, ...]
T = TypeVar("T", bound=BaseModel)

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NULL = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """Hold a validated document and the line on which each part of it stands."""

    file: str
    value: T
    lines: Mapping[Place, int]

    def where(self, place: Place) -> str:
        """Say `file:line` of a part, or of the nearest part around it."""
        return f"{self.file}:{_line(self.lines, place)}"


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)


def decode(raw: bytes, file: str) -> str:
    """Take a file's bytes as UTF-8 text with LF line ends, or refuse it."""
    if len(raw) > MAXIMUM_BYTES:
        raise AgreementRefused(f"{file}: {len(raw)} bytes; at most {MAXIMUM_BYTES} are allowed")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AgreementRefused(f"{file}: byte {error.start} is not UTF-8") from None
    for character, name in (("\r", "a carriage return"), ("\ufeff", "a byte order mark"), ("\0", "a NUL")):
        if character in text:
            line = text[: text.index(character)].count("\n") + 1
            raise AgreementRefused(f"{file}:{line}: {name}; the text must be UTF-8 with LF line ends")
    return text


def load(model: type[T], raw: bytes, file: str) -> Document[T]:
    """Read and validate one file; raises AgreementRefused with every fault found, a line each."""
    lines: dict[Place, int] = {}
    value = _parse(decode(raw, file), file, lines)
    try:
        return Document(file, model.model_validate_json(orjson.dumps(value), strict=True, by_alias=True), lines)
    except ValidationError as error:
        faults = [_fault(model, one, file, lines) for one in error.errors(include_url=False)]
        raise AgreementRefused("\n".join(sorted(set(faults), key=_by_line))) from None


def read(path: Path) -> bytes:
    """Read a file of an agreement, or say that it is missing."""
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise AgreementRefused(f"{path.name}: {error.strerror or 'cannot be read'}".lower()) from None


def _by_line(fault: str) -> tuple[int, str]:
    return int(fault.split(":")[1]), fault


def _parse(text: str, file: str, lines: dict[Place, int]) -> object:
    try:
        events = iter(yaml.parse(text, Loader=yaml.SafeLoader))  # lazily: what nests too deep is never scanned
        next(events), next(events)
        value = _build(next(events), events, (), file, lines)
        next(events)
        if not isinstance(next(events), yaml.StreamEndEvent):
            raise AgreementRefused(f"{file}: a second document; one is allowed")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AgreementRefused(f"{file}:{line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError):
        raise AgreementRefused(f"{file}: not YAML") from None
    except StopIteration:
        raise AgreementRefused(f"{file}:1: nothing in it") from None
    return value


def _build(event: Any, events: Iterator[Any], place: Place, file: str, lines: dict[Place, int]) -> object:
    line = event.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise AgreementRefused(f"{file}:{line}: an anchor or alias `{event.anchor}`; write the text out")
    if event.tag is not None:
        raise AgreementRefused(f"{file}:{line}: a tag `{event.tag}`; only plain values are allowed")
    if len(place) > MAXIMUM_DEPTH:
        raise AgreementRefused(f"{file}:{line}: nested deeper than {MAXIMUM_DEPTH} levels")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        listed: list[object] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            listed.append(_build(item, events, (*place, len(listed)), file, lines))
        return listed
    mapped: dict[str, object] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarEvent) or key.tag is not None or key.anchor is not None:
            raise AgreementRefused(f"{file}:{at}: a key that is not plain text")
        if key.value in mapped:
            raise AgreementRefused(f"{file}:{at}: key `{key.value}` stands twice; once is allowed")
        lines[(*place, key.value)] = at
        mapped[key.value] = _build(next(events), events, (*place, key.value), file, lines)
    return mapped


def _scalar(event: Any) -> object:
    value: str = event.value
    if event.style is not None:
        return value
    if value in _NULL:
        return None
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if _INTEGER.fullmatch(value) else value


def _fault(model: type[BaseModel], error: Any, file: str, lines: Mapping[Place, int]) -> str:
    place: Place = error["loc"]
    name = ".".join(str(part) for part in place) or "the file"
    at = f"{file}:{_line(lines, place)}"
    if error["type"] == "extra_forbidden":
        return f"{at}: unknown key `{name}`; allowed: {', '.join(_keys(model, place[:-1]))}"
    if error["type"] == "missing":
        return f"{at}: key `{name}` is missing"
    found = error["input"]
    shown = found if isinstance(found, str | int) else type(found).__name__
    wanted = str(error["msg"]).removeprefix("Input should be ")
    return f"{at}: `{shown}` is not right for `{name}`; allowed: {wanted}"


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """List the keys that the model allows at a place."""
    kind: Any = model
    for part in place:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            fields = {one.alias or name: one for name, one in kind.model_fields.items()}
            if (info := fields.get(str(part))) is not None:  # else a place in a list, or a key of a mapping
                kind = _model_in(info.annotation)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [one.alias or name for name, one in kind.model_fields.items()]
    return []


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Enum):
        return annotation
    if get_origin(annotation) in {Union, UnionType, tuple, dict}:
        return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)
    return None
