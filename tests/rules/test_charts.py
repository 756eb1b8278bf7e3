"""The desk's drawings: figures in, whole units out."""

from decimal import Decimal

from desk import charts


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    # 1,000 is the longest: 100 units; 250 → 25; 1 → 0.1, shown as 2, for it is not nothing; 0 → 0
    assert charts.bars([Decimal("1000"), Decimal("250"), Decimal("1"), Decimal("0")]) == [100, 25, 2, 0]
    assert charts.bars([Decimal(0), Decimal(0)]) == [0, 0]
    assert charts.bars([]) == []


def test_lines_share_one_grid_whose_top_reaches_the_highest_share() -> None:
    # highest 5.04 %: five lines of 2 % (of 1 % they would end at 5 %); the box is 170 high: 14 above, 28 below
    drawn = charts.lines([("Mar", [Decimal("0"), Decimal("0.0504")]), ("Apr", [Decimal("0")])], width=296, height=170)
    assert [tick.text for tick in drawn.rows] == ["0%", "2%", "4%", "6%", "8%", "10%"]
    assert [tick.at for tick in drawn.columns] == [44, 244]
    march, april = drawn.lines
    assert march.path == "M44 142L244 78"  # 128 units are 10 %: 5.04 % are 64.5, cut to 64
    assert april.path == "M44 142"
    assert (march.rank, april.rank) == (1, 2)


def test_small_shares_get_a_fine_grid_and_large_ones_end_at_the_coarsest() -> None:
    assert [tick.text for tick in charts.lines([("a", [Decimal("0.007")])], 300, 200).rows][-1] == "1%"
    assert [tick.text for tick in charts.lines([("a", [Decimal("0.9")])], 300, 200).rows][-1] == "100%"
    assert charts.lines([], 300, 200).lines == ()


def test_names_of_lines_never_stand_on_each_other() -> None:
    series = [(f"{month}月", [Decimal("0.01")] * 4) for month in range(1, 7)]
    placed = [(line.name_x, line.name_y) for line in charts.lines(series, 300, 200).lines]
    assert all(abs(a[1] - b[1]) >= charts.NAME_HEIGHT for i, a in enumerate(placed) for b in placed[:i])


def test_columns_are_as_high_as_their_amounts_and_filled_as_far_as_done() -> None:
    # 9,234 needs lines of 2,000: 10,000 are 158 units; 9,234 → 145, 5,000 → 79, 0 → 0
    october_rents = ("Oct", Decimal(9234), Decimal(5000))
    drawn = charts.columns([october_rents, ("Nov", Decimal(0), Decimal(0))], width=306, height=200)
    assert [tick.text for tick in drawn.rows] == ["¥0", "¥2,000", "¥4,000", "¥6,000", "¥8,000", "¥10,000"]
    october, november = drawn.columns
    assert (october.height, october.done_height, november.height) == (145, 79, 0)
    assert october.top + october.height == drawn.bottom == october.done_top + october.done_height
    assert october.x + october.width <= november.x


def test_no_figures_draw_an_empty_grid() -> None:
    drawn = charts.columns([], 300, 200)
    assert drawn.columns == ()
    assert drawn.rows[-1].text == "¥500"
