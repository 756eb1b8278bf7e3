"""Which city a region names."""

import pytest

from accounts.rules import regions


@pytest.mark.parametrize(
    ("region", "city"),
    [
        ("广东省深圳市南山区", "深圳"),
        ("北京市海淀区", "北京"),
        ("内蒙古自治区呼和浩特市新城区", "呼和浩特"),
        ("云南省大理白族自治州大理市", "大理白族"),
        ("内蒙古自治区锡林郭勒盟", "锡林郭勒"),
        ("香港特别行政区", "香港特别行政区"),
        ("Berlin", "Berlin"),
        ("", ""),
    ],
)
def test_the_city_of_a_region(region: str, city: str) -> None:
    assert regions.city(region) == city
