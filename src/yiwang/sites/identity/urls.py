"""Addresses of sign-in, registration and one's own account."""

from django.urls import path

from yiwang.sites.identity.views import counter, factor, officer, own, registration, sign_in

app_name = "identity"
urlpatterns = [
    path("", sign_in.public, name="sign_in"),
    path("staff/", sign_in.staff, name="staff"),
    path("second/", sign_in.second, name="second"),
    path("enrol/", factor.enrol, name="enrol"),
    path("enrol/qr.svg", factor.qr, name="qr"),
    path("factor/", factor.change, name="factor"),
    path("codes/", factor.codes, name="codes"),
    path("out/", sign_in.sign_out, name="sign_out"),
    path("register/", registration.register, name="register"),
    path("register/code/", registration.register_code, name="register_code"),
    path("forgot/", registration.forgot, name="forgot"),
    path("forgot/code/", registration.forgot_code, name="forgot_code"),
    path("password/", own.password, name="password"),
    path("sessions/", own.sessions, name="sessions"),
    path("sessions/others/", own.end_others, name="end_others"),
    path("sessions/<int:sign_in>/end/", own.end, name="end"),
    path("kept/", own.kept_form, name="kept"),
    path("counter/", counter.confirm, name="counter"),
    path("counter/villager/", counter.villager, name="villager"),
    path("officer/", officer.accounts, name="officer"),
    path("officer/<int:account>/<slug:what>/", officer.move, name="officer_move"),
]
