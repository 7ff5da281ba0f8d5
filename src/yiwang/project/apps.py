from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "yiwang.project"
    label = "project"
