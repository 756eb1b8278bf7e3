"""The providers' statement files, written from their documents and apart from the platform's reader."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox import conf, wire

ALIPAY_COLUMNS = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号", "门店名称",
    "操作员", "终端号", "对方账户", "订单金额（元）", "商家实收（元）", "支付宝红包（元）", "集分宝（元）",
    "支付宝优惠（元）", "商家优惠（元）", "券核销金额（元）", "券名称", "商家红包消费金额（元）",
    "卡消费金额（元）", "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip
WECHAT_COLUMNS = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包", "手续费",
    "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip
WECHAT_SUMS = (
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
)  # fmt: skip
NONE = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Row:
    """One movement. `refund_no` is the merchant's, `refund_id` the provider's; both empty for a payment."""

    trade_no: str
    number: str
    refund_no: str
    refund_id: str
    amount: Decimal
    at: datetime
    subject: str
    payer: str
    method: str

    @property
    def own(self) -> str:
        return self.refund_no or self.number


def alipay(rows: Sequence[Row], day: date, at: datetime) -> bytes:
    """The ZIP: single movements, and sums by shop."""
    head, tail = f"{conf.seller_id()}_{day:%Y%m%d}", f"#导出时间：[{wire.text(at)}]"
    span = f"#起始日期：[{_day(day)} 00:00:00]   终止日期：[{_day(day + timedelta(days=1))} 00:00:00]"
    opening = ["#支付宝业务明细查询", f"#账号：[{conf.seller_id()}0156]", span]
    paid = [row.amount for row in rows if not row.refund_no]
    back = [row.amount for row in rows if row.refund_no]
    table = [
        *opening,
        f"#{'业务明细列表':-^90}",
        ",".join(ALIPAY_COLUMNS),
        *(",".join(f"{cell}\t" for cell in _alipay_cells(row)) for row in rows),
        f"#{'业务明细列表结束':-^90}",
        f"#交易合计：{len(paid)}笔，商家实收共{sum(paid, NONE)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{-sum(back, NONE)}元，商家优惠退款共0.00元",
        tail,
    ]
    sums = [
        *opening,
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）",
        f"合计\t,\t,{len(paid)}\t,{len(back)}\t,\t",
        tail,
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_gbk(f"{head}_业务明细.csv"), "\r\n".join(table).encode("gbk", "replace"))
        archive.writestr(_gbk(f"{head}_业务明细(汇总).csv"), "\r\n".join(sums).encode("gbk", "replace"))
    return packed.getvalue()


def wechat(rows: Sequence[Row]) -> bytes:
    """The GZIP of the table and its sums."""
    paid = sum((row.amount for row in rows if not row.refund_no), NONE)
    back = sum((row.amount for row in rows if row.refund_no), NONE)
    sums = (len(rows), paid, back, NONE, NONE, paid, back)
    lines = [
        ",".join(WECHAT_COLUMNS),
        *(_marked(_wechat_cells(row)) for row in rows),
        ",".join(WECHAT_SUMS),
        _marked(sums),
    ]
    return gzip.compress("\ufeff".encode() + "".join(f"{line}\r\n" for line in lines).encode(), mtime=0)


def _alipay_cells(row: Row) -> list[object]:
    amount = -row.amount if row.refund_no else row.amount
    when, kind = wire.text(row.at), "退款" if row.refund_no else "交易"
    subject = row.subject.replace(",", " ").replace('"', " ")
    return [
        row.trade_no, row.number, kind, subject, when, when, "", "", "", "", row.payer, amount, amount, *[NONE] * 5, "",
        NONE, NONE, row.refund_no, NONE, NONE, "",
    ]  # fmt: skip


def _wechat_cells(row: Row) -> list[object]:
    back, subject = bool(row.refund_no), row.subject.replace(",", " ")
    paid, given = (NONE, row.amount) if back else (row.amount, NONE)
    refunded = [row.refund_id, row.refund_no] if back else ["0", "0"]
    how = ["ORIGINAL", "SUCCESS"] if back else ["", ""]
    return [
        wire.text(row.at), conf.wechat_app_id(), conf.wechat_merchant_id(), "0", "", row.trade_no, row.number,
        row.payer, row.method, "REFUND" if back else "SUCCESS", "OTHERS", "CNY", paid, NONE, *refunded, given, NONE,
        *how, subject, "", NONE, "0.00%", paid, given, "",
    ]  # fmt: skip


def _marked(cells: Sequence[object]) -> str:
    return ",".join(f"`{cell}" for cell in cells)


def _day(day: date) -> str:
    return f"{day:%Y年%m月%d日}"


def _gbk(name: str) -> str:
    """As it looks in an archive whose names are in GBK without a mark of it."""
    return name.encode("gbk").decode("cp437")
