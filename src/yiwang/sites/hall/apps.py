from django.apps import AppConfig


class HallConfig(AppConfig):
    name = "yiwang.sites.hall"
    label = "hall"
