"""What people of the roster open before they are in: the page that takes an activation code."""

from django.urls import path
from django.urls.resolvers import URLPattern

from roster.screens.entrance import activate

urlpatterns: list[URLPattern] = [
    path("account/activate/", activate, name="activate"),
    path("account/activate", activate),
]
