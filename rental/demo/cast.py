"""The cast: invented devices, merchants and people. The demo and the tests play with the same ones."""

from dataclasses import dataclass
from decimal import Decimal

from credit.rules.scorecards import Bin, Card, Factor

PASSWORD = "xinzu-demo-2026"  # noqa: S105 - the demo's, refused when DEBUG is off

OPERATORS = {"operator": "运营小林"}
AGENTS = {"agent-wang": ("王海", "FA-101", "深圳市、广州市"), "agent-li": ("李青", "FA-102", "上海市、杭州市")}
TIERS = [  # from score, grade, outcome, waives, amount, percent, quota limit, cap per checkout, devices
    (350, "E", "REFUSE", "AMOUNT", "0.00", 0, "0.00", "0.00", 0),
    (550, "D", "REFER", "PERCENT", "0.00", 20, "800.00", "800.00", 1),
    (600, "C", "APPROVE", "PERCENT", "0.00", 50, "2500.00", "2000.00", 1),
    (650, "B", "APPROVE", "PERCENT", "0.00", 80, "6000.00", "5000.00", 2),
    (750, "A", "APPROVE", "ALL", "0.00", 0, "12000.00", "10000.00", 2),
]
SCORECARD_WEIGHTS = {"identity": 20, "behaviour": 20, "ability": 25, "network": 10, "history": 25}
_BINS = """
age               | identity  | 0:0 18:30 25:50 60:35
months_verified   | identity  | 0:10 3:20 12:30
owns_phone        | identity  | 0:0 1:20
months_here       | behaviour | 0:10 3:25 12:50
addresses_added   | behaviour | 0:20 3:10 6:0
orders_cancelled  | behaviour | 0:20 2:10 4:0
codes_failed      | behaviour | 0:10 5:0
income_monthly    | ability   | 0:10 3000:30 6000:50 10000:70
income_documented | ability   | 0:0 1:30
phones_shared     | network   | 0:30 1:0
addresses_shared  | network   | 0:30 1:10 3:0
accounts_shared   | network   | 0:20 1:0
devices_shared    | network   | 0:20 1:0
leases_kept       | history   | 0:10 1:30 2:40
bills_paid        | history   | 0:10 3:20 12:30
bills_late        | history   | 0:20 1:10 3:0
days_overdue      | history   | 0:10 1:0
"""


def _factor(line: str) -> Factor:
    code, dimension, bins = (part.strip() for part in line.split("|"))
    pairs = (each.split(":") for each in bins.split())
    return Factor(code, dimension, tuple(Bin(int(value), int(points)) for value, points in pairs))


SCORECARD = Card(SCORECARD_WEIGHTS, tuple(_factor(line) for line in _BINS.strip().splitlines()))
LENDING_RATES = [("2024-07-22", "0.0335"), ("2024-10-21", "0.031"), ("2025-05-20", "0.030")]


@dataclass(frozen=True)
class MerchantRole:
    """A lessor, the login of the person who leads it, the platform's share, and the logins of those who work there."""

    login: str
    name: str
    name_en: str
    licence_number: str
    address: str
    commission_rate: str
    staff: tuple[str, ...] = ()


MERCHANTS = [
    MerchantRole(
        "shiguang",
        "拾光数码",
        "Shiguang Digital",
        "91440300MA5EXAMP16",
        "广东省深圳市南山区科苑路 8 号",
        "0.08",
        ("shiguang-he", "shiguang-tu"),
    ),
    MerchantRole(
        "qinghe",
        "青禾租机",
        "Qinghe Rentals",
        "91310115MA1EXAMP27",
        "上海市浦东新区张江路 66 号",
        "0.1",
        ("qinghe-pan",),
    ),
    MerchantRole(
        "xingyun",
        "行云影像",
        "Xingyun Imaging",
        "91510107MA6EXAMP38",
        "四川省成都市武侯区天府大道 128 号",
        "0.08",
        ("xingyun-dai",),
    ),
]


@dataclass(frozen=True)
class ModelRole:
    """A model in one specification, its first row the one of the histories: cash price, merchant, how it may end."""

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
    ("computer", "电脑", "Computers"),
    ("tablet", "平板", "Tablets"),
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
_OFFERS = """
phone     | q7-pro   | 青禾 | Q7 Pro      | Qinghe Q7 Pro       | 256GB 石墨 | 256 GB graphite     | 5999  | shiguang
phone     | lan-x2   | 岚   | X2          | Lan X2              | 128GB 月白 | 128 GB moon white   | 3299  | qinghe
tablet    | pad-11   | 青禾 | 平板 11     | Qinghe Pad 11       | 128GB      | 128 GB              | 2799  | shiguang
computer  | lite-14  | 远山 | 轻薄本 14   | Yuanshan Lite 14    | 16GB 512GB | 16 GB 512 GB        | 6499  | shiguang
camera    | r5-kit   | 知白 | R5 套机     | Zhibai R5 kit       | 24-70mm    | 24–70 mm            | 12999 | qinghe   | RETURN_ONLY
drone     | mini-4   | 飞屿 | Mini 4      | Feiyu Mini 4        | 畅飞套装   | Fly-more kit        | 4788  | qinghe   | RETURN_ONLY
watch     | w3       | 青禾 | 手表 W3     | Qinghe Watch W3     | 46mm       | 46 mm               | 1499  | shiguang
console   | play-2   | 跃   | Play 2      | Yue Play 2          | 1TB        | 1 TB                | 2599  | qinghe   | OPTION_TO_BUY | LIKE_NEW
earphones | pods-3   | 青禾 | 耳机 Pods 3 | Qinghe Pods 3       | 降噪       | Noise cancelling    | 1099  | shiguang
speaker   | room-1   | 听山 | Room 1      | Tingshan Room 1     | 单只       | Single              | 1299  | qinghe   | RENT_TO_OWN
phone     | q7       | 青禾 | Q7          | Qinghe Q7           | 256GB 云白 | 256 GB cloud white  | 4299  | shiguang
phone     | q7-max   | 青禾 | Q7 Max      | Qinghe Q7 Max       | 512GB 松绿 | 512 GB pine         | 7499  | shiguang
phone     | lan-x2-s | 岚   | X2 S        | Lan X2 S            | 256GB 黛蓝 | 256 GB indigo       | 3899  | qinghe
phone     | fold-5   | 岚   | 折叠 5      | Lan Fold 5          | 512GB 墨   | 512 GB ink          | 9999  | qinghe
phone     | z-flip   | 微澜 | 小折 Z      | Weilan Flip Z       | 256GB 藕荷 | 256 GB mauve        | 5499  | xingyun
phone     | q6-pro   | 青禾 | Q6 Pro      | Qinghe Q6 Pro       | 256GB 石墨 | 256 GB graphite     | 2899  | shiguang | OPTION_TO_BUY | LIKE_NEW
tablet    | pad-pro  | 青禾 | 平板 Pro    | Qinghe Pad Pro      | 256GB      | 256 GB              | 5299  | shiguang
tablet    | note-13  | 岚   | 手写板 13   | Lan Note 13         | 512GB 含笔 | 512 GB with pen     | 6899  | qinghe
tablet    | kid-8    | 微澜 | 学习板 8    | Weilan Study 8      | 64GB       | 64 GB               | 1399  | qinghe   | RENT_TO_OWN
computer  | pro-16   | 远山 | 工作站 16   | Yuanshan Pro 16     | 32GB 1TB   | 32 GB 1 TB          | 13999 | shiguang
computer  | game-15  | 跃   | 游戏本 15   | Yue Game 15         | 16GB 1TB   | 16 GB 1 TB          | 8999  | qinghe
computer  | mini-pc  | 远山 | 迷你主机    | Yuanshan Mini       | 16GB 512GB | 16 GB 512 GB        | 2999  | shiguang | RENT_TO_OWN
computer  | air-13   | 远山 | 轻薄本 13   | Yuanshan Air 13     | 16GB 256GB | 16 GB 256 GB        | 4599  | shiguang | OPTION_TO_BUY | GOOD
camera    | r7-body  | 知白 | R7 机身     | Zhibai R7 body      | 全画幅     | Full frame          | 16999 | xingyun  | RETURN_ONLY
camera    | vlog-2   | 知白 | Vlog 2      | Zhibai Vlog 2       | 4K 单镜    | 4K, one lens        | 4999  | xingyun
camera    | act-9    | 飞屿 | 运动相机 9  | Feiyu Action 9      | 骑行套装   | Cycling kit         | 2598  | xingyun  | RETURN_ONLY
camera    | tele-200 | 知白 | 70-200 镜头 | Zhibai 70–200       | f/2.8      | f/2.8               | 15499 | xingyun  | RETURN_ONLY   | LIKE_NEW
drone     | air-3    | 飞屿 | Air 3       | Feiyu Air 3         | 双摄套装   | Two-camera kit      | 7988  | xingyun  | RETURN_ONLY
drone     | cine-2   | 飞屿 | Cine 2      | Feiyu Cine 2        | 航拍大师   | Film maker          | 18888 | xingyun  | RETURN_ONLY
drone     | nano     | 飞屿 | Nano        | Feiyu Nano          | 入门套装   | Starter kit         | 1788  | qinghe   | RETURN_ONLY
watch     | w3-mini  | 青禾 | 手表 W3 小  | Qinghe Watch W3 S   | 41mm       | 41 mm               | 1299  | shiguang
watch     | trail-2  | 跃   | 越野表 2    | Yue Trail 2         | 钛         | Titanium            | 3499  | qinghe
watch     | kid-w1   | 微澜 | 儿童手表 1  | Weilan Kids 1       | 4G         | 4G                  | 899   | qinghe   | RENT_TO_OWN
console   | play-2-h | 跃   | Play 2 掌机 | Yue Play 2 handheld | 512GB      | 512 GB              | 2299  | qinghe
console   | box-x    | 微澜 | 主机 X      | Weilan Box X        | 2TB        | 2 TB                | 3899  | qinghe
console   | vr-3     | 跃   | 头显 3      | Yue VR 3            | 256GB      | 256 GB              | 3299  | xingyun  | RETURN_ONLY
earphones | pods-max | 青禾 | 头戴 Max    | Qinghe Pods Max     | 银         | Silver              | 2599  | shiguang
earphones | buds-2   | 岚   | 耳机 2      | Lan Buds 2          | 白         | White               | 699   | qinghe   | RENT_TO_OWN
speaker   | room-2   | 听山 | Room 2      | Tingshan Room 2     | 一对       | Pair                | 2799  | qinghe   | RENT_TO_OWN
speaker   | bar-5    | 听山 | 回音壁 5    | Tingshan Bar 5      | 5.1 声道   | 5.1 channels        | 3499  | shiguang
speaker   | stage-1  | 听山 | 舞台 1      | Tingshan Stage 1    | 户外拉杆   | Outdoor, on wheels  | 2199  | xingyun  | RETURN_ONLY
phone     | q7-pro   | 青禾 | Q7 Pro      | Qinghe Q7 Pro       | 512GB 石墨 | 512 GB graphite     | 6799  | shiguang
phone     | q7-pro   | 青禾 | Q7 Pro      | Qinghe Q7 Pro       | 1TB 石墨   | 1 TB graphite       | 7999  | shiguang
phone     | q7       | 青禾 | Q7          | Qinghe Q7           | 512GB 云白 | 512 GB cloud white  | 4999  | shiguang
computer  | lite-14  | 远山 | 轻薄本 14   | Yuanshan Lite 14    | 32GB 1TB   | 32 GB 1 TB          | 7999  | shiguang
tablet    | pad-11   | 青禾 | 平板 11     | Qinghe Pad 11       | 256GB      | 256 GB              | 3299  | shiguang
camera    | trip-6   | 知白 | 旅行机 6    | Zhibai Trip 6       | 24-105mm   | 24–105 mm           | 7999  | xingyun  | RETURN_ONLY
"""


def _offered(line: str) -> ModelRole:
    type_code, slug, brand, name, name_en, said, said_en, price, merchant, *how = (f.strip() for f in line.split("|"))
    return ModelRole(type_code, slug, brand, name, name_en, said, said_en, Decimal(price), merchant, *how)


MODELS = [_offered(line) for line in _OFFERS.strip().splitlines()]
# months: (monthly rent as a share of the cash price, total to own as a share of it), all below the legal cost cap
OPTION_TERMS = {
    6: (Decimal("0.0600"), Decimal("1.030")),
    12: (Decimal("0.0515"), Decimal("1.050")),
    18: (Decimal("0.0450"), Decimal("1.070")),
    24: (Decimal("0.0400"), Decimal("1.095")),
}
RENT_TO_OWN_TERMS = {12: Decimal("0.0870"), 24: Decimal("0.0455")}
RETURN_TERMS = {3: Decimal("0.0900"), 6: Decimal("0.0700"), 12: Decimal("0.0520")}
SHORT = {"trip-6": {1: "158.00", 3: "398.00", 7: "798.00", 30: "1998.00"}}  # by the day instead of by the month
SHORT_LIMITS = {"least_days": 2, "most_days": 30, "gap_days": 2}
SIGNED_SHARE = Decimal("0.95")
COVERED = {"phone": "OPTIONAL", "tablet": "OPTIONAL", "computer": "OPTIONAL"}  # by type, or by model; else none
COVERED |= {"cine-2": "MANDATORY"}
COVER_SHARE = Decimal("0.0016")  # of the cash price a month, in whole yuan
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
    PersonRole("13800000005", "赵宁", "11010519971201005X", None, "no Zhima score: our own scorecard, a person looks"),
]
