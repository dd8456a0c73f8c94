"""Messages worth a mail go to those who may act, once, when a mail server is named."""

import datetime as dt
import smtplib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from interop.admin.roles import Role
from interop.messages import mail
from interop.messages.models import ANNOUNCEMENT, EXPIRY, Message
from interop.settings.mail import mail_server


@pytest.fixture
def message(settings, person):
    settings.MAIL = True
    settings.PUBLIC_URL = "https://portal.example.org"
    for name, role, more in (
        ("olga", Role.OFFICER, {}), ("eddi", Role.EDITOR, {}), ("vera", Role.VIEWER, {}),
        ("gone", Role.EDITOR, {"is_active": False}), ("pupil", None, {}),
    ):  # fmt: skip
        person(name, role, email=f"{name}@example.org", **more)
    person("mute", Role.OFFICER)
    roles = [Role.EDITOR, Role.OFFICER]
    common = {"kind": "expiring", "roles": roles, "text": "Renew it.", "link": "/admin/x/#y"}
    Message.objects.create(key="news", process=ANNOUNCEMENT, title="Not by mail", **common)
    return Message.objects.create(key="k", process=EXPIRY, title="Acme ends", **common)


def test_everybody_who_may_act_gets_a_letter_of_their_own_once(message, mailoutbox):
    for _ in range(2):
        mail.send(timezone.now())
    assert sorted((letter.to, letter.subject) for letter in mailoutbox) == [
        (["eddi@example.org"], "Acme ends"),
        (["olga@example.org"], "Acme ends"),
    ]
    assert mailoutbox[0].body == "Renew it.\n\nOpen the portal: https://portal.example.org/admin/x/#y\n"


def test_what_the_server_does_not_take_is_tried_again(message, mailoutbox, monkeypatch):
    def refuses(_letters):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda _self, _: refuses(_))
        with pytest.raises(smtplib.SMTPServerDisconnected):
            mail.send(timezone.now())
    mail.send(timezone.now())
    assert len(mailoutbox) == 2


def test_nothing_is_sent_without_a_server_or_a_day_later(message, mailoutbox, settings):
    mail.send(timezone.now() + dt.timedelta(days=1, minutes=1))
    settings.MAIL = False
    mail.send(timezone.now())
    assert mailoutbox == []


def test_the_server_is_an_address_and_a_malformed_one_is_refused_without_its_password():
    told = mail_server("smtp://user%40x:p%2Fw@mail.example.org")
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"], told["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
    assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == ("user@x", "p/w")
    assert mail_server("smtps://mail.example.org")["EMAIL_PORT"] == 465
    assert mail_server("") == {}
    for wrong in ("mail.example.org", "http://user:secret@host", "smtp://user:secret@host:99999", "smtp://"):
        with pytest.raises(ImproperlyConfigured, match="MAIL_URL is malformed") as refused:
            mail_server(wrong)
        assert "secret" not in str(refused.value)
