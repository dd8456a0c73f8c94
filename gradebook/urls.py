"""What teachers and families open: every row of their tables of pages, with and without a slash at its end."""

from django.urls import path
from django.urls.resolvers import URLPattern

from gradebook.pages import guard, table
from gradebook.pages.entering import View
from gradebook.pages.home import guard as home_guard
from gradebook.pages.home import table as home_table


def _both(address: str, view: View, name: str) -> list[URLPattern]:
    return [path(address, view, name=name), path(address[:-1], view)]


urlpatterns: list[URLPattern] = [
    each
    for pages in (
        [_both(f"teacher/{page.path}", guard.guarded(page), page.name) for page in table.pages()],
        [_both(f"home/{page.path}", home_guard.guarded(page), page.name) for page in home_table.pages()],
    )
    for both in pages
    for each in both
]
