"""Everybody at once, by chance: customers, merchants, carriers, operators and bad luck drive the real services over
months, on a database of their own; at the end every invariant must hold. `manage.py simulate` says how it went."""
