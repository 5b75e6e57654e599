"""Tell a person who received data about them (UK GDPR Article 15(1)(c)), from the trail alone, decided by two people.

`draft` finds and marks, `decide` is another account's word on each marked line, `release` tells what may be told.
"""
