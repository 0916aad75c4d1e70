"""Addresses of premises."""

from django.urls import path

from meterdesk.premises import views

app_name = "premises"

urlpatterns = [
    path("premises/<mpxn>/", views.premises, name="premises"),
    path("premises/<mpxn>/diagnosis/", views.diagnose, name="diagnose"),
    path("premises/<mpxn>/diagnosis/<uuid:diagnosis_id>/", views.diagnosis, name="diagnosis"),
]
