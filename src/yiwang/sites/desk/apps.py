from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "yiwang.sites.desk"
    label = "desk"
