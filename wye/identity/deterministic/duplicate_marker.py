"""Join records that their own system marks as duplicates: someone there looked and said so.

The pairs come from canonical relationships of kind `duplicate` (Mosaic's DUPLICATE, a merged Dataverse contact).
"""

from wye.identity.rule import Rule

RULE = Rule(
    name="duplicate-marker",
    reason="marked as the same person by the system that holds both records",
    kind="system",
    condition="marked",
)
