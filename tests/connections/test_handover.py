"""The one-time link: sealed until the one visit that shows it, the same answer for every link that shows nothing."""

import datetime as dt
import re
import threading

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from connections import guessing, services
from connections.models import Credential, HandOver, TokenFailure
from interop import crypto
from interop.admin.roles import Role
from interop.models import AuditEvent

NOTHING = "This link shows nothing"


@pytest.fixture
def link(acme):
    """The token of a link to Acme's credentials."""
    _, issued = acme
    return services.hand_over(issued.credential, issued.secret, actor="ada", now=timezone.now())


@pytest.fixture
def vendor_browser():
    return Client(enforce_csrf_checks=True)


def address(token):
    return reverse("hand_over", args=[token])


def test_a_link_shows_the_credentials_once_and_erases_the_secret(acme, link, vendor_browser, ask):
    _, issued = acme
    before = vendor_browser.get(address(link))
    assert before.status_code == 200
    assert issued.secret not in before.content.decode()
    shown = vendor_browser.post(address(link), REMOTE_ADDR="192.0.2.7").content.decode()
    secret, client_id = (re.search(pattern, shown)[0] for pattern in (r"orp_sk_\w{49}", r"orp_id_\w{22}"))
    assert ask(client_id, secret).status_code == 200
    assert "classes at 4:10 am" in shown
    held = HandOver.objects.get()
    assert (held.sealed, held.opened_from) == (None, "192.0.2.7")
    again = vendor_browser.post(address(link))
    assert again.status_code == 404
    assert issued.secret not in again.content.decode()


def test_looking_at_the_page_opens_nothing_so_previews_of_mails_do_no_harm(link, vendor_browser):
    for _ in range(3):
        assert vendor_browser.get(address(link)).status_code == 200
        assert vendor_browser.head(address(link)).status_code == 200
    assert HandOver.objects.exclude(sealed=None).exists()
    assert vendor_browser.post(address(link)).status_code == 200


def test_the_page_is_never_kept_never_told_on_and_found_by_nobody(link, vendor_browser):
    for answer in (
        vendor_browser.get(address(link)),
        vendor_browser.post(address(link)),
        vendor_browser.get(address("x")),
    ):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert not answer.cookies


def test_it_tells_the_vendor_what_to_call_and_how_often(link, vendor_browser, settings):
    shown = vendor_browser.post(address(link)).content.decode()
    for word in ("/oauth2/token", f"{settings.PUBLIC_URL}/ims/oneroster/rostering/v1p2", "60 minutes", "/api/docs/#"):
        assert word in shown


def test_unknown_used_withdrawn_and_old_links_answer_alike(acme, link, vendor_browser):
    connection, issued = acme
    other = services.hand_over(issued.credential, issued.secret, actor="ada", now=timezone.now())
    replaced = vendor_browser.get(address(link))
    vendor_browser.post(address(other))
    used = vendor_browser.get(address(other))
    third = services.hand_over(issued.credential, issued.secret, actor="ada", now=timezone.now())
    assert services.withdraw(connection, actor="ada") == 1
    withdrawn = vendor_browser.get(address(third))
    past = timezone.now() - services.handover.LIVES - dt.timedelta(seconds=1)
    old = services.hand_over(issued.credential, issued.secret, actor="ada", now=past)
    answers = [replaced, used, withdrawn, vendor_browser.get(address(old)), vendor_browser.get(address("unknown"))]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r"\s+", " ", answer.content.decode()) for answer in answers}) == 1
    assert NOTHING in answers[0].content.decode()


def test_a_link_dies_with_its_credentials(acme, link, vendor_browser):
    services.remove_credentials(acme[0], actor="ada")
    assert vendor_browser.post(address(link)).status_code == 404
    assert HandOver.objects.get().sealed is None


def test_guessing_links_is_slowed_and_locks_no_vendor_out(link, vendor_browser):
    for _ in range(guessing.PAIR_LIMIT):
        assert vendor_browser.post(address("orp_ho_guess")).status_code == 404
    slowed = vendor_browser.post(address("orp_ho_guess"))
    assert slowed.status_code == 429
    assert int(slowed["Retry-After"]) <= guessing.WINDOW
    assert vendor_browser.post(address(link)).status_code == 200
    assert TokenFailure.objects.count() == guessing.PAIR_LIMIT


def test_every_step_of_a_link_is_in_the_audit_trail_without_link_or_secret(acme, link, vendor_browser):
    connection, issued = acme
    vendor_browser.post(address(link), REMOTE_ADDR="192.0.2.7")
    services.hand_over(issued.credential, issued.secret, actor="ada", now=timezone.now())
    services.withdraw(connection, actor="olga")
    events = list(AuditEvent.objects.order_by("id"))[-4:]
    assert [(event.actor, event.act) for event in events] == [
        ("ada", "made a one-time link"),
        ("vendor", "opened the one-time link"),
        ("ada", "made a one-time link"),
        ("olga", "withdrew the one-time link"),
    ]
    assert events[1].after["address"] == "192.0.2.7"
    told = str([(event.before, event.after) for event in events])
    assert link not in told
    assert issued.secret not in told


def test_only_the_secret_itself_can_be_handed_over(acme):
    with pytest.raises(ValueError, match="not the secret"):
        services.hand_over(acme[1].credential, "orp_sk_other", actor="ada", now=timezone.now())
    assert not HandOver.objects.exists()


def test_what_waits_is_stored_encrypted_and_the_link_only_as_a_hash(acme, link):
    _, issued = acme
    held = HandOver.objects.get()
    assert issued.secret.encode() not in bytes(held.sealed)
    assert link.encode() not in bytes(held.token_sha256)
    assert crypto.unseal(held.sealed) == issued.secret


def test_the_nightly_clean_up_erases_what_nobody_fetched(acme, link):
    services.purge_expired(timezone.now() + services.handover.LIVES + dt.timedelta(seconds=1))
    assert HandOver.objects.get().sealed is None


@pytest.fixture
def screen(client, acme):
    client.force_login(User.objects.create_superuser("ada"))
    return client


def test_the_page_that_shows_the_secret_makes_the_link(screen, acme, vendor_browser):
    connection, issued = acme
    told = {"client_id": issued.credential.client_id, "secret": issued.secret}
    shown = screen.post(reverse("admin:one_time_link", args=[connection.pk]), told)
    link = re.search(r"/hand-over/(orp_ho_\w{49})", shown.content.decode())[1]
    assert "no-store" in shown["Cache-Control"]
    assert issued.secret in vendor_browser.post(address(link)).content.decode()
    page = screen.get(reverse("admin:connection", args=[connection.pk])).content.decode()
    assert "The one-time link was opened" in page


def test_a_wrong_secret_makes_no_link_and_a_foreign_credential_is_not_found(screen, acme, vendor):
    connection, issued = acme
    _, other = vendor("Other")
    url = reverse("admin:one_time_link", args=[connection.pk])
    answer = screen.post(url, {"client_id": issued.credential.client_id, "secret": "orp_sk_x"}, follow=True)
    assert "The secret is gone" in answer.content.decode()
    told = {"client_id": other.credential.client_id, "secret": other.secret}
    assert screen.post(url, told).status_code == 404
    assert not HandOver.objects.exists()


def test_a_waiting_link_is_told_on_the_connection_s_page_and_can_be_withdrawn(screen, acme, link, vendor_browser):
    page = reverse("admin:connection", args=[acme[0].pk])
    assert "waits to be opened" in screen.get(page).content.decode()
    assert screen.get(reverse("admin:withdraw_link", args=[acme[0].pk])).status_code == 302
    assert "waits to be opened" in screen.get(page).content.decode()
    answer = screen.post(reverse("admin:withdraw_link", args=[acme[0].pk]), follow=True)
    assert "1 link withdrawn" in answer.content.decode()
    assert vendor_browser.post(address(link)).status_code == 404


def test_an_editor_hands_over_only_what_they_made(client, acme):
    eddy = User.objects.create_user("eddy", is_staff=True)
    eddy.groups.add(Group.objects.get_or_create(name=Role.EDITOR)[0])
    client.force_login(eddy)
    connection, issued = acme
    told = {"client_id": issued.credential.client_id, "secret": issued.secret}
    for name in ("one_time_link", "withdraw_link"):
        assert client.post(reverse(f"admin:{name}", args=[connection.pk]), told).status_code == 403
    type(connection).objects.update(created_by="eddy")
    assert client.post(reverse("admin:one_time_link", args=[connection.pk]), told).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_visitors_at_the_same_moment_one_gets_the_secret(acme, link):
    found, ready = [], threading.Barrier(2)

    def visit():
        ready.wait(10)
        try:
            found.append(services.open_hand_over(link, address="192.0.2.1", now=timezone.now()))
        finally:
            database.close()

    visitors = [threading.Thread(target=visit) for _ in range(2)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join(20)
    assert [bool(each) for each in sorted(found, key=bool)] == [False, True]
    assert Credential.objects.count() == 1
