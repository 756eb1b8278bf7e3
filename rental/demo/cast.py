"""The cast: invented devices, merchants and people. The demo and the tests play with the same ones."""

from dataclasses import dataclass
from decimal import Decimal

PASSWORD = "xinzu-demo-2026"  # noqa: S105 - the demo's, refused when DEBUG is off

OPERATORS = {"operator": "运营小林"}
TIERS = [  # from score, grade, outcome, waives, amount, percent, quota limit, cap per checkout, devices
    (350, "E", "REFUSE", "AMOUNT", "0.00", 0, "0.00", "0.00", 0),
    (550, "D", "REFER", "PERCENT", "0.00", 20, "800.00", "800.00", 1),
    (600, "C", "APPROVE", "PERCENT", "0.00", 50, "2500.00", "2000.00", 1),
    (650, "B", "APPROVE", "PERCENT", "0.00", 80, "6000.00", "5000.00", 2),
    (750, "A", "APPROVE", "ALL", "0.00", 0, "12000.00", "10000.00", 2),
]
LENDING_RATES = [("2025-05-20", "0.030")]


@dataclass(frozen=True)
class MerchantRole:
    """A lessor and the login of the person who works there."""

    login: str
    name: str
    name_en: str
    licence_number: str
    address: str


MERCHANTS = [
    MerchantRole("shiguang", "拾光数码", "Shiguang Digital", "91440300MA5EXAMP16", "广东省深圳市南山区科苑路 8 号"),
    MerchantRole("qinghe", "青禾租机", "Qinghe Rentals", "91310115MA1EXAMP27", "上海市浦东新区张江路 66 号"),
]


@dataclass(frozen=True)
class ModelRole:
    """A model with one specification: cash price in yuan, the merchant who offers it, and how it may end."""

    type_code: str
    slug: str
    brand: str
    name: str
    name_en: str
    specification: str
    specification_en: str
    cash_price: Decimal
    merchant: str
    lease_model: str = "OPTION_TO_BUY"
    condition: str = "NEW"


TYPES = [  # code, name, English name
    ("phone", "手机", "Phones"),
    ("tablet", "平板", "Tablets"),
    ("computer", "电脑", "Computers"),
    ("camera", "相机", "Cameras"),
    ("drone", "无人机", "Drones"),
    ("watch", "手表", "Watches"),
    ("console", "游戏机", "Consoles"),
    ("earphones", "耳机", "Earphones"),
    ("speaker", "音箱", "Speakers"),
]
DAMAGE = [  # code, name, English name, share of the dearest model's cash price
    ("scratch", "外壳明显划痕", "Deep scratches on the case", Decimal("0.03")),
    ("screen", "屏幕碎裂", "Broken screen", Decimal("0.18")),
    ("battery", "电池损坏", "Damaged battery", Decimal("0.06")),
    ("accessory", "配件缺失", "Missing accessory", Decimal("0.02")),
]
MODELS = [
    ModelRole(
        "phone", "q7-pro", "青禾", "Q7 Pro", "Qinghe Q7 Pro", "256GB 石墨", "256 GB graphite", Decimal(5999), "shiguang"
    ),
    ModelRole("phone", "lan-x2", "岚", "X2", "Lan X2", "128GB 月白", "128 GB moon white", Decimal(3299), "qinghe"),
    ModelRole("tablet", "pad-11", "青禾", "平板 11", "Qinghe Pad 11", "128GB", "128 GB", Decimal(2799), "shiguang"),
    ModelRole(
        "computer",
        "lite-14",
        "远山",
        "轻薄本 14",
        "Yuanshan Lite 14",
        "16GB 512GB",
        "16 GB 512 GB",
        Decimal(6499),
        "shiguang",
    ),
    ModelRole(
        "camera",
        "r5-kit",
        "知白",
        "R5 套机",
        "Zhibai R5 kit",
        "24-70mm",
        "24–70 mm",
        Decimal(12999),
        "qinghe",
        "RETURN_ONLY",
    ),
    ModelRole(
        "drone",
        "mini-4",
        "飞屿",
        "Mini 4",
        "Feiyu Mini 4",
        "畅飞套装",
        "Fly-more kit",
        Decimal(4788),
        "qinghe",
        "RETURN_ONLY",
    ),
    ModelRole("watch", "w3", "青禾", "手表 W3", "Qinghe Watch W3", "46mm", "46 mm", Decimal(1499), "shiguang"),
    ModelRole(
        "console", "play-2", "跃", "Play 2", "Yue Play 2", "1TB", "1 TB", Decimal(2599), "qinghe", condition="LIKE_NEW"
    ),
    ModelRole(
        "earphones",
        "pods-3",
        "青禾",
        "耳机 Pods 3",
        "Qinghe Pods 3",
        "降噪",
        "Noise cancelling",
        Decimal(1099),
        "shiguang",
    ),
    ModelRole(
        "speaker",
        "room-1",
        "听山",
        "Room 1",
        "Tingshan Room 1",
        "单只",
        "Single",
        Decimal(1299),
        "qinghe",
        "RENT_TO_OWN",
    ),
]
# months: (monthly rent as a share of the cash price, total to own as a share of it), all below the legal cost cap
OPTION_TERMS = {
    6: (Decimal("0.0600"), Decimal("1.030")),
    12: (Decimal("0.0515"), Decimal("1.050")),
    18: (Decimal("0.0450"), Decimal("1.070")),
    24: (Decimal("0.0400"), Decimal("1.095")),
}
RENT_TO_OWN_TERMS = {12: Decimal("0.0870"), 24: Decimal("0.0455")}
RETURN_TERMS = {3: Decimal("0.0900"), 6: Decimal("0.0700"), 12: Decimal("0.0520")}
SIGNED_SHARE = Decimal("0.95")
UNITS_EACH = 6


@dataclass(frozen=True)
class PersonRole:
    """Somebody out in the world: registers and Zhima of the sandbox know them. `score` None is N/A."""

    phone: str
    name: str
    id_number: str
    score: int | None
    story: str


PEOPLE = [
    PersonRole("13800000001", "林晓", "440305199503120014", 726, "80 % of the deposit waived"),
    PersonRole("13800000002", "周可", "310115199208150029", 812, "the whole deposit waived"),
    PersonRole("13800000003", "陈默", "330106199011230030", 563, "goes to the operator's review"),
    PersonRole("13800000004", "吴桐", "51010719880707004X", 431, "full deposit, or wait"),
    PersonRole("13800000005", "赵宁", "11010519971201005X", None, "no score: full deposit"),
]
