from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "yiwang.kernel.access"
    label = "access"
