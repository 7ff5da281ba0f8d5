from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "yiwang.sites.administration"
    label = "administration"
