from importlib import import_module

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "yiwang.sites.identity"
    label = "identity"

    def ready(self) -> None:
        """Hear the signals of Django and axes."""
        import_module("yiwang.sites.identity.bridge")
