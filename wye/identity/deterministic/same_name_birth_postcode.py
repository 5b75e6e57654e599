"""Join records with the same names, birth date and postcode.

A given name that is only an initial does not count: twins often share it.
"""

from wye.identity.rule import Rule

RULE = Rule(
    name="same-name-birth-postcode",
    reason="same given name, family name, birth date and postcode",
    kind="auto",
    condition="""l.given = r.given AND length(l.given) > 1 AND l.family = r.family AND l.birth_date = r.birth_date
        AND list_has_any(l.postcodes, r.postcodes)
        AND coalesce(l.nhs_number = r.nhs_number, true) AND coalesce(l.sex = r.sex, true)""",
)
