from django.apps import AppConfig


class ProcessConfig(AppConfig):
    name = "yiwang.kernel.process"
    label = "process"
