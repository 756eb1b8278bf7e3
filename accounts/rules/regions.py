"""Chinese regions as an address states them: province, city, district in one line."""

import re

_CITY = re.compile(r"^(?:.{2,6}?(?:省|自治区|特别行政区))?(?P<city>.{1,8}?)(?:市|自治州|地区|盟)")


def city(region: str) -> str:
    """广东省深圳市南山区 → 深圳, 北京市海淀区 → 北京; what names no city stays as it is."""
    found = _CITY.match(region)
    return found["city"] if found else region
