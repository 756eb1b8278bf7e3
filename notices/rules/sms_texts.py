"""The texts of our SMS, to be registered with the provider; `${name}` are its places. The sandbox shows them.

English ones carry `_en`. In the app the same occasions have their own words (templates/messages/).
"""

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "code": "你的验证码是 ${code}，5 分钟内有效。请勿告诉任何人。",
    "code_en": "Your code is ${code}, valid for 5 minutes. Never tell it to anyone.",
    "agreement_ready": "订单 ${order} 的租赁合同已备好，请阅读并签署。",
    "agreement_ready_en": "The agreement for order ${order} is ready. Please read and sign it.",
    "order_paid": "订单 ${order} 已付清首期，押金已办妥，商家将在 48 小时内发货。",
    "order_paid_en": "Order ${order} is paid and its deposit is settled. The merchant will ship soon.",
    "order_refused": "订单 ${order} 未通过审核，未收取任何费用。",
    "order_refused_en": "Order ${order} was not approved. Nothing was charged.",
    "order_cancelled": "订单 ${order} 已取消，所付款项与冻结押金原路退回。",
    "order_cancelled_en": "Order ${order} is cancelled. Whatever you paid or froze goes back by itself.",
    "order_shipped": "订单 ${order} 的设备已寄出，运单号 ${waybill}。",
    "order_shipped_en": "The device of order ${order} is on its way, waybill ${waybill}.",
    "lease_started": "订单 ${order} 的租约已开始。",
    "lease_started_en": "The lease of order ${order} has started.",
    "order_completed": "订单 ${order} 已结清，押金正在退回。",
    "order_completed_en": "Order ${order} is settled. The deposit is on its way back.",
    "late_payment_returned": "订单 ${order} 结束后收到的付款将原路退回。",
    "late_payment_returned_en": "Your payment came after order ${order} had ended. It goes back by itself.",
    "bill_due_soon": "租约 ${lease} 第 ${number} 期租金 ${amount} 元，${due} 到期。",
    "bill_due_soon_en": "Rent ${number} of lease ${lease}, ¥${amount}, is due on ${due}.",
    "bill_due": "租约 ${lease} 第 ${number} 期租金 ${amount} 元今天到期，${last_free_day} 24:00 前付，不收逾期费。",
    "bill_due_en": "Rent ${number} of lease ${lease}, ¥${amount}, is due today. Free until ${last_free_day}.",
    "bill_overdue": "租约 ${lease} 第 ${number} 期租金已于 ${due} 到期，今天付款共 ${amount} 元。",
    "bill_autopay_ahead": "明天 10:00 自动扣租约 ${lease} 第 ${number} 期租金 ${amount} 元。也可提前自己付。",
    "bill_autopay_ahead_en": "Tomorrow at 10:00 ¥${amount} is deducted: rent ${number}, lease ${lease}.",
    "bill_autopay_failed": "租约 ${lease} 第 ${number} 期租金 ${amount} 元自动扣款未成功，${day} 10:00 再试。",
    "bill_autopay_failed_en": "Rent ${number}, lease ${lease}: ¥${amount} not deducted. Next try ${day} 10:00.",
    "bill_autopay_over": "租约 ${lease} 第 ${number} 期租金 ${amount} 元自动扣款未成功，不再重试，请自己付款。",
    "bill_autopay_over_en": "Rent ${number}, lease ${lease}: ¥${amount} not deducted. No further try; please pay.",
    "autopay_ended": "租约 ${lease} 的自动扣款已在支付平台关闭，之后请自己付款。",
    "autopay_ended_en": "Automatic payment of lease ${lease} was ended at the provider. Please pay the bills yourself.",
    "balance_used": "账户余额已用于支付到期租金 ${amount} 元，无需另付。",
    "balance_used_en": "¥${amount} of your credit balance paid what was due. Nothing else to do.",
    "refund_failed": "退款 ${amount} 元未能原路退回，工作人员会另行处理，钱不会少。",
    "refund_failed_en": "Your refund of ¥${amount} could not be sent back; our staff will pay it another way.",
    "refund_by_hand": "退款 ${amount} 元已由工作人员转账给你。",
    "refund_by_hand_en": "Your refund of ¥${amount} was transferred to you by our staff.",
    "bill_overdue_en": "Rent ${number} of lease ${lease} was due on ${due}. Paid today, it is ¥${amount}.",
}
