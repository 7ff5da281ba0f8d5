from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class SyslogConfig(AppConfig):
    name = "yiwang.adapters.syslog"
    label = "syslog"

    def ready(self) -> None:
        """A receiver that cannot be meant is told at the start, not every half minute."""
        from yiwang.adapters.syslog.rules import receiver_of

        try:
            receiver_of(settings.SYSLOG)
        except ValueError as error:
            raise ImproperlyConfigured(f"syslog in settings.toml: {error}") from error
