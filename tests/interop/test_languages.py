"""English and Spanish: the catalogue is complete and compiled, and a language ends with its page."""

import re
from pathlib import Path

from django.test import Client
from django.utils import translation

from scripts import messages
from scripts.messages import COMPILED, Text

PARTS = re.compile(r"%(?:\(\w+\))?[sd]|</?\w+>")


def test_every_text_of_families_and_of_signing_in_is_in_spanish() -> None:
    catalogue, texts = messages.read(), messages.texts()
    assert len(texts) > 250
    assert Text("Grades right now") in texts
    assert [text for text in texts if not all(catalogue.get(text, ("",)))] == []
    assert sorted(catalogue) == sorted(texts), "Run: python -m scripts.messages"


def test_translations_keep_the_parts_that_are_filled_in() -> None:
    for text, told in messages.read().items():
        for translated in told:
            assert sorted(PARTS.findall(translated)) == sorted(PARTS.findall(text.one)), text
        assert len(told) == (2 if text.many else 1), text


def test_the_compiled_catalogue_is_that_of_the_text_file(tmp_path: Path) -> None:
    assert COMPILED.read_bytes() == messages.compiled(messages.read()), "Run: python -m scripts.messages"
    messages.write(messages.read(), tmp_path / "again.po")
    assert (tmp_path / "again.po").read_bytes() == messages.CATALOGUE.read_bytes()
    with translation.override("es"):
        assert translation.gettext("Sign in") == "Iniciar sesión"
        assert (
            translation.ngettext("%(number)d mail sent.", "%(number)d mails sent.", 2) == "%(number)d correos enviados."
        )


def test_a_language_is_that_of_one_page_and_programs_and_staff_read_english(db: None) -> None:
    client, spanish = Client(raise_request_exception=False), {"Accept-Language": "es-419,es"}
    page = client.get("/account/sign-in/", headers=spanish)
    assert "Iniciar sesión" in page.content.decode()
    assert '<html lang="es">' in page.content.decode()
    assert (page.headers["Content-Language"], translation.get_language()) == ("es", "en-us")
    assert "No encontramos esa página" in client.get("/nowhere", headers=spanish).content.decode()
    for path in ("/ims/oneroster/v1p1/users", "/ims/oneroster/rostering/v1p2/users?limit=0"):
        asked, plain = (client.get(path, headers=each).content for each in (spanish, {}))
        assert re.sub(rb"[0-9a-f]{32}", b"", asked) == re.sub(rb"[0-9a-f]{32}", b"", plain)
    refused = client.get("/admin/", headers=spanish, follow=True)
    assert '<html lang="es">' in refused.content.decode()
    chosen = client.post("/account/language/", {"language": "es", "next": "https://elsewhere.example/"})
    assert chosen.headers["Location"] == "/"
    assert "Iniciar sesión" in client.get("/account/sign-in/", headers={"Accept-Language": "en"}).content.decode()
