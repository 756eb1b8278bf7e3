"""Whose plans the orders of the prepared world are made of."""

from datetime import timedelta

SLUG, NEW, SHORT = "lan-x2", "play-2", "mini-4"  # of one merchant; the last one may end after three months
BY_DAY = "trip-6"
LESSOR, OTHER_LESSOR = "qinghe", "shiguang"
COLLEAGUE = "qinghe-pan"
TERM_AGO = timedelta(days=96)  # a lease of three months that began then has ended
