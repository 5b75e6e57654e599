"""Share what a council and its partners know about people, lawfully: the signed agreement is the program."""
