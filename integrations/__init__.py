"""The outside world, as plain data. Adapters import no model, open no transaction and decide nothing (house.md)."""
