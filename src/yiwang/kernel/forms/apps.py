from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "yiwang.kernel.forms"
    label = "forms"
