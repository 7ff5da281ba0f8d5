from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "yiwang.kernel.org"
    label = "org"
