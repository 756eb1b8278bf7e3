"""The merchants' door: /portal/."""

from django.urls import path

from portal.views import agreements, board, claims, labels, orders, photos, shop, sign_in, staff, statements, units

app_name = "portal"
urlpatterns = [
    path("", board.board, name="board"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("packing-slips/", labels.labels, name="labels"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/address/", orders.address, name="address"),
    path("orders/<slug:number>/claim/", claims.claim, name="claim"),
    path("orders/<slug:number>/claim/<int:photo_id>.jpg", claims.photo, name="claim_photo"),
    path("orders/<slug:number>/photos/", photos.pictures, name="photos"),
    path("orders/<slug:number>/photos/<int:photo_id>.jpg", photos.picture, name="photo"),
    path("orders/<slug:number>/<slug:name>/", orders.act, name="act"),
    path("units/", units.units, name="units"),
    path("units/add/", units.add, name="unit_add"),
    path("units/add-many/", units.add_many, name="units_add"),
    path("units/stock/", units.stock, name="stock"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<slug:number>.pdf", agreements.signed, name="agreement_pdf"),
    path("agreements/<slug:number>/check/", agreements.check, name="agreement_check"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<slug:number>.csv", statements.export, name="statement_export"),
    path("statements/<slug:number>/", statements.statement, name="statement"),
    path("shop/", shop.shop, name="shop"),
    path("shop/password/", shop.password, name="password"),
    path("staff/", staff.staff, name="staff"),
    path("staff/add/", staff.add, name="staff_add"),
    path("staff/<int:pk>/let-in/", staff.let_in, name="staff_let_in"),
    path("staff/<int:pk>/close/", staff.close, name="staff_close"),
    path("staff/<int:pk>/role/<slug:role>/", staff.appoint, name="staff_appoint"),
]
