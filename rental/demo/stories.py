"""Who rented in the past fifteen months, and how it went. Oldest first, so that numbers follow the calendar.

Behind a slug: the months of the lease, then how many months and days ago it was ordered. The receipt is three days
after the order, so with R = order + 3 days bill k is due R + (k - 1) months, and the last day is R + n months - 1. The
present troubles follow from that: `5, 15, paid_to=5` has bill 6 due twelve days ago.
"""

from datetime import date
from itertools import count

from rental.demo.cast import PersonRole
from rental.demo.life import Rental, Story
from sandbox import magic

AREAS = ["110101", "310115", "440305", "330106", "510107", "420111", "320102", "610113"]
_number = count(1)
R = Rental


def _story(
    name: str,
    born: str,
    score: int | None,
    *rentals: R,
    situation: str = "",
    language: str = "zh-hans",
    quirk: str = "",
    income: int | None = None,
) -> Story:
    """A phone and an ID number of their own, always the same. `quirk`: a magic number's digits; `income`: declared."""
    number = next(_number)
    card = magic.number(date.fromisoformat(born), quirk or f"{100 + number * 7}", AREAS[number % len(AREAS)])
    role = PersonRole(f"137000010{number:02d}", name, card, score, situation)
    return Story(role, rentals, language, income)


PAST = (
    # --- leases that ended, and people who came back ---
    _story("沈知行", "1988-02-17", 768, R("q7-pro", 12, 13, 20, habit="mixed")),
    _story("顾南乔", "1994-11-03", 702, R("pad-11", 12, 13, 5), situation="a year's lease, completed"),
    _story("陆一鸣", "1991-06-29", 801, R("r5-kit", 6, 13, 0), R("r7-body", 12, 5, 2, habit="early")),
    _story("苏晚晴", "1997-01-15", 733, R("lite-14", 12, 12, 15, habit="mixed")),
    _story("程远舟", "1985-09-08", 655, R("mini-4", 3, 12, 10, habit="late")),
    _story("叶青禾", "1999-04-22", 690, R("air-3", 3, 11, 5), R("act-9", 3, 2, 0, habit="mixed")),
    _story("秦月白", "1996-07-30", 756, R("q7-max", 24, 10, 3)),
    _story("宋怀瑾", "1983-03-19", 634, R("game-15", 12, 9, 25, habit="late"), situation="pays late, with fees"),
    _story("许嘉木", "2000-10-05", 668, R("q6-pro", 6, 9, 12, habit="mixed"), R("q7", 12, 2, 10)),
    _story("冯以宁", "1987-08-26", 721, R("pro-16", 18, 8, 2, habit="mixed"), situation="in the ninth month of 18"),
    # --- parcels that got lost, merchants who did not look, bills that stayed open ---
    _story("袁小满", "1998-02-09", 645, R("fold-5", 6, 7, 10, "uninspected")),
    _story("邓子衿", "1993-11-21", 698, R("room-2", 24, 7, 7), situation="rent to own"),
    _story("曹书远", "1989-01-02", 627, R("play-2", 12, 7, 1, habit="very_late")),
    _story("彭思齐", "1995-06-17", 603, R("air-13", 12, 6, 17, paid_to=5), situation="two bills overdue"),
    _story("田野", "1994-09-27", 606, R("q6-pro", 6, 6, 12, paid_to=5), situation="returned, one bill left: settling"),
    _story("董其安", "1991-12-30", 671, R("stage-1", 3, 6, 0, "lost_back")),
    # --- on their way home ---
    _story("潘云起", "1997-05-06", 694, R("vlog-2", 6, 6, 2, "uninspected"), situation="being inspected"),
    _story("蒋一帆", "1999-08-19", 694, R("play-2", 6, 6, -1, "unsent"), situation="return opened, not sent yet"),
    _story("余声", "1984-07-12", 644, R("box-x", 6, 5, 20, "undecided")),
    # --- renting, and behind with it ---
    _story("杜若", "1996-03-03", 640, R("lan-x2-s", 12, 5, 15, paid_to=5), situation="12 days late, decision ended"),
    _story("林恩", "1990-10-24", 707, R("note-13", 12, 5, 9, "silent"), situation="reads English", language="en"),
    _story("阮星河", "2001-01-18", 588, R("z-flip", 12, 4, 22, habit="mixed")),
    _story("魏长风", "1992-02-28", 651, R("q7", 12, 4, 5, paid_to=4), situation="a bill in its days of grace"),
    _story("贺兰", "1995-12-01", 688, R("buds-2", 12, 4, 0, "paid"), R("w3-mini", 12, 3, 10)),
    _story("石磊", "1982-05-25", 478, R("pods-max", 18, 3, 16), situation="rents with the full deposit"),
    _story(
        "崔莹", "1998-09-09", 619, R("play-2-h", 12, 3, 9, paid_to=3), situation="a bill past its grace, with a fee"
    ),
    _story("任晓舟", "1993-04-16", 676, R("bar-5", 12, 3, 0, "shipped"), R("bar-5", 12, 2, 2)),
    _story("江枫", "1987-10-13", 739, R("cine-2", 3, 3, 0), situation="on its way back to the merchant"),
    _story("方知之", "1999-02-02", 567, R("kid-8", 12, 2, 2, "placed")),
    _story("罗衣", "1994-08-08", 649, R("nano", 3, 2, 1, "signed"), R("nano", 3, 1, 25, habit="grace")),
    _story("金陵", "1991-03-31", 683, R("fold-5", 12, 1, 20, "tired_of_waiting"), R("trail-2", 24, 1, 12)),
    _story("白露", "2000-09-07", 552, R("pro-16", 12, 1, 9, "refused"), situation="refused by the operator"),
    _story("夏至", "1996-06-21", 791, R("tele-200", 6, 1, 2), R("q7-max", 12, 0, 9, "changed_mind")),
)

# Bills stayed open for a month, two, three and more: `m, d, paid_to=k` is late by 30 (m - k) + d - 3 days.
BEHIND = (
    _story(
        "纪明远", "1990-06-12", 657, R("lite-14", 12, 11, 4, habit="ahead", paid_to=8), situation="four bills overdue"
    ),
    _story(
        "温若", "1995-02-03", 641, R("game-15", 12, 10, 12, habit="ahead", paid_to=7), situation="over 90 days late"
    ),
    _story("卓然", "1993-08-17", 683, R("pad-pro", 12, 8, 22, habit="ahead", paid_to=6), situation="79 days late"),
    _story("莫小北", "2000-03-14", 662, R("vlog-2", 12, 6, 20, habit="ahead", paid_to=5), situation="47 days late"),
    _story("商陆", "1989-04-04", 632, R("mini-pc", 12, 4, 8, habit="grace", paid_to=4), situation="5 days late"),
    _story("程丹宁", "1986-01-30", 694, R("note-13", 12, 3, 21, habit="ahead", paid_to=3), language="en"),
    _story("费扬", "1997-05-18", 618, R("air-3", 6, 3, 31, habit="late", paid_to=3), situation="28 days late"),
)

# Everything is paid ahead: most customers are like that, and a month of theirs is short to tell.
STEADY = (
    _story("钱牧之", "1984-02-27", 758, R("pro-16", 24, 11, 16, habit="ahead")),
    _story(
        "邵清",
        "1996-10-08",
        699,
        R("w3", 12, 10, 22, habit="ahead"),
        R("w3-mini", 12, 1, 5),
        situation="a quota in use",
    ),
    _story("林依然", "1994-03-25", 742, R("cine-2", 6, 5, 27, habit="ahead"), language="en"),
    _story("齐思远", "1990-01-11", 667, R("room-1", 24, 4, 17, habit="ahead"), situation="rent to own, paid ahead"),
    _story(
        "汤圆",
        "2001-06-06",
        None,
        R("pods-3", 12, 3, 4, habit="ahead"),
        situation="score by our own scorecard",
        quirk="994",
        income=7000,
    ),
)

# Home again: on its way, unsent, to be inspected, and deposits whose promised day is near.
RETURNS = (
    _story("路遥", "1985-03-07", 672, R("w3", 6, 6, 0, habit="ahead"), situation="sent back yesterday"),
    _story(
        "辛夷", "1997-09-30", 690, R("q6-pro", 6, 6, 4, "lost_back", habit="ahead"), situation="five days on its way"
    ),
    _story("樊星", "1993-01-19", 708, R("nano", 3, 3, 0, habit="ahead")),
    _story("裴果", "2000-11-02", 648, R("mini-4", 3, 3, -1, "unsent", habit="ahead")),
    _story("岑夏", "1991-05-13", 729, R("act-9", 3, 3, 0, habit="ahead")),
    _story("盛宁", "1986-12-20", 677, R("stage-1", 3, 3, -1, "unsent", habit="ahead")),
    _story(
        "谈笑", "1994-04-15", 665, R("w3-mini", 6, 6, -5, "at_limit", habit="ahead"), situation="inspection due soon"
    ),
    _story("郁金", "1998-07-22", 711, R("r5-kit", 3, 3, -5, "at_limit", habit="ahead")),
    _story("明月", "1989-10-31", 752, R("tele-200", 3, 3, -5, "at_limit", habit="ahead")),
    _story("舒心", "1995-11-16", 658, R("mini-4", 3, 3, 2, "uninspected", habit="ahead")),
    _story("简单", "1992-02-09", 681, R("vr-3", 3, 3, 2, "uninspected", habit="ahead")),
    _story(
        "安然",
        "1996-08-04",
        652,
        R("q7", 6, 6, -3, "promised", habit="ahead"),
        quirk="989",
        situation="deposit awaited",
    ),
    _story("向南", "1987-07-27", 661, R("r5-kit", 3, 3, -3, "promised", habit="ahead"), quirk="989"),
    _story("康宁", "1990-09-09", 656, R("air-3", 3, 3, -3, "promised", habit="ahead"), quirk="989"),
    _story(
        "雷鸣", "1999-03-28", 643, R("act-9", 3, 3, 8, habit="ahead", paid_to=2), situation="settling: a bill is open"
    ),
)

# This week. Behind `hours_ago` is the order; it is paid half an hour later, and 48 hours after that shipping is late.
PRESENT = (
    _story("安可", "1989-12-24", 715, R("lan-x2", 12, 0, 5, "delivered"), situation="delivered: confirm the receipt"),
    _story("孟浩", "1985-05-05", 659, R("pad-pro", 12, 0, 3, "paid"), situation="paid, may cancel: not shipped yet"),
    _story("尹初", "1998-11-11", 746, R("q7-pro", 24, 0, 2), situation="on its way"),
    _story("施然", "1993-07-07", 559, R("game-15", 12, 0, 1, "placed"), situation="waits for the operator's review"),
    _story(
        "俞曼",
        "2001-04-01",
        566,
        R("r5-kit", 3, goes="papers", hours_ago=5),
        situation="asked for two papers: one is missing",
    ),
    _story(
        "钟晴", "1990-02-14", 584, R("lite-14", 12, goes="approved", hours_ago=4), situation="approved: to be signed"
    ),
    _story("柳如风", "1986-10-10", 571, R("air-3", 6, goes="signed", hours_ago=3), situation="signed: to be paid"),
    _story("乔木", "1995-08-18", 728, R("q7", 12, hours_ago=2.5), situation="paid: to be shipped"),
    _story(
        "游弋",
        "1993-10-17",
        716,
        R("pods-max", 12, goes="paid", hours_ago=47.6),
        situation="to be shipped within the hour",
    ),
    _story("喻言", "1988-05-02", 737, R("air-13", 12, goes="paid", hours_ago=30)),
    _story("贝加", "1997-04-26", 669, R("mini-pc", 24, goes="paid", hours_ago=6.5)),
    _story(
        "翟朗",
        "1991-11-08",
        647,
        R("lan-x2", 12, goes="paid", hours_ago=51.5),
        situation="shipping is late: may cancel",
    ),
    _story("沐晨", "2000-07-19", 724, R("box-x", 12, goes="paid", hours_ago=45.4)),
    _story("苗圃", "1986-06-30", 693, R("kid-8", 12, goes="paid", hours_ago=26)),
    _story("祁连", "1994-12-03", 761, R("r5-kit", 6, goes="paid", hours_ago=9)),
    _story("项飞", "1989-02-14", 678, R("r7-body", 3, goes="paid", hours_ago=60)),
    _story("凌霄", "1995-09-23", 703, R("cine-2", 3, goes="paid", hours_ago=44.4)),
    _story("阳朔", "1992-12-28", 746, R("vlog-2", 12, goes="paid", hours_ago=20)),
    _story("南枝", "1997-01-24", 709, R("act-9", 6, 0, 2, habit="ahead")),
    _story("杭之", "1993-06-03", 674, R("lan-x2-s", 12, 0, 12, "shipped"), situation="on its way for eleven days"),
    _story("尤里", "1996-02-21", 688, R("w3", 6, 6, -1, "unsent", habit="ahead")),
    _story("程砚", "1990-07-18", 701, R("pad-11", 6, 6, 3, "uninspected", habit="ahead")),
    _story("符晓", "1998-01-05", 557, R("q7-max", 12, goes="placed", hours_ago=70)),
    _story(
        "危城", "1985-08-11", 593, R("note-13", 24, 0, 2, "visited"), situation="visited yesterday, rated, approved"
    ),
    _story("池鱼", "1996-05-20", 578, R("nano", 3, 7, 3), R("cine-2", 6, goes="placed", hours_ago=27)),
    _story(
        "周艾敏",
        "1999-09-15",
        571,
        R("pad-pro", 12, goes="visit_today", hours_ago=20),
        situation="a visit this evening",
        language="en",
    ),
    _story(
        "许棠",
        "1994-05-29",
        733,
        R("buds-2", 12, goes="paid", hours_ago=40),
        R("pods-3", 12, goes="paid", hours_ago=22),
        R("act-9", 6, goes="placed", hours_ago=3),
        situation="the third order in two days: a person looks first",
    ),
    _story("卜算", "1990-03-03", 551, R("vr-3", 3, goes="placed", hours_ago=0.7)),
    _story(
        "滕王",
        "1987-09-06",
        719,
        R("pods-3", 6, hours_ago=1, mishap=("notice:trade_status_sync", "WRONG_AMOUNT")),
        situation="paid another amount: with the operator",
    ),
    _story(
        "孔方",
        "1992-08-23",
        687,
        R("buds-2", 12, 5, 12, habit="ahead", disputes=((3, False), (4, True), (6, None))),
        situation="wants a rent back from WeChat Pay",
    ),
    # --- by the day ---
    _story(
        "梁晨曦",
        "1996-03-28",
        715,
        R("trip-6", 0, 2, 8, days=3),
        R("trip-6", 0, 0, 6, days=5),
        situation="a camera by the day",
    ),
)
STORIES = (*PAST, *BEHIND, *STEADY, *RETURNS, *PRESENT)
