"""Routes that are no pages: what acts, and what answers machines or hands out files."""

POSTS = {  # routes that act; asked with GET they answer 405
    "desk:tier_draft", "desk:tier_hand_on", "desk:tier_discard", "desk:backtest_again", "desk:rule_trial_again",
    "set_language",
    "storefront:sign_out", "storefront:message", "storefront:messages_read", "storefront:credit_authorise",
    "storefront:credit_own", "storefront:credit_income", "storefront:address_remove", "storefront:balance_use",
    "storefront:agreement_code", "storefront:order_pay_rent", "storefront:order_pay_deposit",
    "portal:plan_preview", "storefront:email_remove",
    "portal:sign_out", "portal:address", "portal:agreement_check", "portal:staff_close", "portal:staff_appoint",
    "desk:case_dial", "desk:case_hang_up", "desk:case_act",
    "desk:sign_out", "desk:reveal", "desk:trust_act", "desk:pay_out",
    "desk:approval_refuse", "desk:approval_withdraw", "api:payment_notice", "api:parcel_push", "api:sms_receipts",
    "desk:provider_ask",
    "storefront:token_revoke", "portal:token_revoke",
    "storefront:renewal_code", "storefront:renewal_sign", "storefront:extension_code", "storefront:extension_sign",
    "storefront:inspection_accept", "storefront:inspection_unlocked",
    "storefront:document_back", "storefront:visit_choose", "storefront:guarantee_code", "storefront:guarantee_decline",
    "desk:standstill_end", "desk:contact_open", "desk:visit_act", "desk:visit_remarks", "desk:round_missed",
    "desk:round_ring", "desk:round_hang_up",
}  # fmt: skip
NO_PAGES = {  # files, answers for machines, and places that only lead on
    "storefront:stylesheet", "storefront:manifest", "storefront:service_worker", "storefront:agreement_pdf",
    "storefront:letter_pdf", "desk:case_letter", "desk:portfolio_export",
    "storefront:credit_callback", "portal:agreement_pdf", "desk:agreement_pdf", "desk:oldest", "desk:export",
    "desk:ledger_export", "desk:ledger_kind_export", "portal:statement_export",
    "api:health", "api:orders", "api:order", "api:act", "api:nothing",
    "storefront:order_document", "desk:document", "storefront:order_photo", "portal:photo",
    "storefront:payment_payer", "storefront:inspection_photo", "portal:claim_photo", "desk:claim_photo",
    "desk:device_photo", "storefront:lease_paper", "desk:paper_pdf", "desk:standstill_paper",
}  # fmt: skip
