"""Join records with the same NHS number when the birth date or the family name agrees too.

The number alone is not enough: it is mistyped into the wrong record, given to a mother's baby by mistake, and
issued again on adoption or change of gender. Numbers whose check digit fails never reach linking (features.py).
"""

from wye.identity.rule import Rule

RULE = Rule(
    name="same-nhs-number",
    reason="same NHS number, and the birth date or family name agrees",
    kind="auto",
    condition="""l.nhs_number = r.nhs_number
        AND (coalesce(l.birth_date = r.birth_date, false) OR coalesce(l.family = r.family, false))""",
)
