"""The addresses of the start page and the one box."""

from django.urls import path

from meterdesk.search import views

app_name = "search"

urlpatterns = [
    path("", views.home, name="home"),
    path("find", views.box, name="box"),
]
