"""Make the slips that hands, ears and scanners make: pure functions of a word and a source of chance."""

from random import Random
from unicodedata import combining, normalize

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol",
    "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil", "l": "kop",
    "z": "asx", "x": "zsc", "c": "xdv", "v": "cfb", "b": "vgn", "n": "bhm", "m": "njk",
}  # fmt: skip
_LOOKALIKES = (("m", "rn"), ("rn", "m"), ("l", "1"), ("i", "l"), ("o", "0"), ("cl", "d"), ("d", "cl"), ("w", "vv"), ("h", "b"), ("e", "c"), ("S", "5"), ("B", "8"))  # fmt: skip
_UNDECOMPOSED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss"})
_STREET = {
    "Street": "St", "Road": "Rd", "Avenue": "Ave", "Close": "Cl", "Crescent": "Cres", "Drive": "Dr", "Lane": "Ln",
    "Gardens": "Gdns", "Terrace": "Terr", "Court": "Ct", "Place": "Pl", "Grove": "Gr",
}  # fmt: skip
_SHORT_WORD = 3


def keyboard_typo(rng: Random, word: str) -> str:
    """Hit a neighbouring key, or drop, double or transpose a letter; a word of one letter stays."""
    if len(word) < _SHORT_WORD - 1:
        return word
    at, kind = rng.randrange(1, len(word)), rng.randrange(4)
    if kind == 0:
        near = _NEIGHBOURS.get(word[at].lower())
        return word[:at] + rng.choice(near) + word[at + 1 :] if near else word[:at] + word[at] + word[at:]
    if kind == 1 and len(word) >= _SHORT_WORD:
        return word[:at] + word[at + 1 :]
    if kind == 2 and at + 1 < len(word) and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] + word[at:]


def ocr_error(rng: Random, word: str) -> str:
    """Misread one shape as a scanner does; a word without a misreadable shape stays."""
    possible = [(shape, misread) for shape, misread in _LOOKALIKES if shape in word]
    if not possible:
        return word
    shape, misread = rng.choice(possible)
    return word.replace(shape, misread, 1)


def without_diacritics(word: str) -> str:
    """Write a word in ASCII letters."""
    if word.isascii():
        return word
    decomposed = normalize("NFKD", word.translate(_UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not combining(letter))


def digit_slip(rng: Random, number: str) -> str:
    """Mistype one digit as another."""
    at = rng.choice([place for place, letter in enumerate(number) if letter.isdigit()])
    return number[:at] + rng.choice([digit for digit in "0123456789" if digit != number[at]]) + number[at + 1 :]


def postcode_slip(rng: Random, postcode: str) -> str:
    """Type O for 0 and the like, or swap the last two letters, or mistype the sector."""
    kind = rng.randrange(3)
    if kind == 0 and postcode[-1] != postcode[-2]:
        return postcode[:-2] + postcode[-1] + postcode[-2]
    if kind == 1:
        return postcode.replace(" ", "").lower()
    return postcode[:-3] + digit_slip(rng, postcode[-3]) + postcode[-2:]


def phone_slip(rng: Random, number: str) -> str:
    """Leave a digit out or add one, or hold down a key to be left alone."""
    at, kind = rng.randrange(5, len(number)), rng.randrange(3)
    if kind == 0:
        return number[:at] + number[at + 1 :]
    return number[:at] + number[at] + number[at:] if kind == 1 else "0" + rng.choice("1237") * (len(number) - 1)


def email_slip(rng: Random, address: str) -> str:
    """Type a comma for the last dot, or a space, or leave the @ out."""
    kind = rng.randrange(3)
    head, _, tail = address.rpartition(".")
    return f"{head},{tail}" if kind == 0 else address.replace("@", " @ " if kind == 1 else "", 1)


def street_abbreviated(street: str) -> str:
    """Shorten the last word of a street's name as people write it."""
    head, _, tail = street.rpartition(" ")
    return f"{head} {_STREET[tail]}" if tail in _STREET else street


def phone_format(rng: Random, number: str) -> str:
    """Write an eleven-digit telephone number in one of the ways in which people do."""
    style = rng.randrange(6)
    if style == 0:
        return f"{number[:5]} {number[5:]}"
    if style == 1:
        return f"+44{number[1:]}"
    if style == 2:
        return f"+44 (0){number[1:5]} {number[5:]}"
    if style == 3:
        return f"({number[:5]}) {number[5:8]} {number[8:]}"
    if style == 4:
        return f"0044{number[1:]}"
    return number
