"""The pages of signing in. allauth offers more; what stands not here (signing up, mail addresses) is not offered."""

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.generic import TemplateView
from django.views.i18n import set_language

from interop.signin.views import second_step, stay

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("forgotten/", TemplateView.as_view(template_name="account/forgotten.html"), name="account_forgotten"),
    path("set-up/", second_step, name="account_second_step"),
    path("stay/", stay, name="account_stay"),
    path("language/", set_language, name="account_language"),
    path("second-step/", include("allauth.mfa.urls")),
    path("single-sign-on/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("single-sign-on-cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("single-sign-on-failed/", social.login_error, name="socialaccount_login_error"),
]
