"""What people of the roster open: the page that takes an activation code, and their home."""

from django.urls import path
from django.urls.resolvers import URLPattern

from roster.screens.entrance import activate, home

urlpatterns: list[URLPattern] = [
    path("account/activate/", activate, name="activate"),
    path("account/activate", activate),
    path("home/", home, name="home"),
    path("home", home),
]
