"""Addresses of the inventory."""

from django.urls import path

from meterdesk.inventory.views import devices, notices, portfolio, pre_notifying, products

app_name = "inventory"

urlpatterns = [
    path("", devices.search, name="search"),
    path("export.csv", devices.download, name="export"),
    path("details", devices.open_details, name="open"),
    path("portfolio/", portfolio.listing, name="portfolio"),
    path("portfolio/portfolio.csv", portfolio.download, name="portfolio-file"),
    path("portfolio/points/", portfolio.points, name="points"),
    path("portfolio/points/meter-points.csv", portfolio.download_points, name="points-file"),
    path("portfolio/points/filters/", portfolio.save_points, name="save-points-filter"),
    path("portfolio/filters/", portfolio.save, name="save-filter"),
    path("portfolio/filters/<int:filter_id>/remove/", portfolio.remove, name="remove-filter"),
    path("products/", products.listing, name="products"),
    path("products/<version>/", products.one, name="products-version"),
    path("products/<version>/apply/", products.apply, name="apply-products"),
    path("notices/", notices.listing, name="notices"),
    path("notices/export.csv", notices.download, name="notices-file"),
    path("pre-notify/", pre_notifying.pre_notify, name="pre-notify"),
    path("<device_id>/", devices.details, name="device"),
    path("<device_id>/pre-notified/", pre_notifying.done, name="pre-notified"),
]
