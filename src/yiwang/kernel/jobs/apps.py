from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "yiwang.kernel.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Let every app register its kinds of job."""
        autodiscover_modules("tasks")
