"""Addresses of the frame: theme, session, health, gallery."""

from django.urls import path

from meterdesk.platform.web import gallery, health, views

app_name = "web"

urlpatterns = [
    path("theme", views.choose_theme, name="theme"),
    path("session", views.keep_alive, name="keep-alive"),
    path("tables/<slug:table>/", views.choose_columns, name="table"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/progress", gallery.gallery_progress, name="gallery-progress"),
    path("gallery/bare/", gallery.gallery_bare, name="gallery-bare"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
