"""The address of the one box."""

from django.urls import path

from meterdesk.search import views

app_name = "search"

urlpatterns = [path("find", views.box, name="box")]
