"""What teachers open: every row of the table of pages, with and without a slash at its end."""

from django.urls import path
from django.urls.resolvers import URLPattern

from gradebook.pages.guard import guarded
from gradebook.pages.table import PAGES

urlpatterns: list[URLPattern] = [
    each
    for page in PAGES
    for view in [guarded(page)]
    for each in (path(f"teacher/{page.path}", view, name=page.name), path(f"teacher/{page.path}"[:-1], view))
]
