from django.apps import AppConfig


class OutputsConfig(AppConfig):
    name = "yiwang.kernel.outputs"
    label = "outputs"
