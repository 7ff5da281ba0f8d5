from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "yiwang.kernel.notify"
    label = "notify"
