"""Application of limits and working days."""

from django.apps import AppConfig


class ClockConfig(AppConfig):
    """Limits 时限 and working days."""

    name = "yiwang.kernel.clock"
    label = "clock"

    def ready(self) -> None:
        """Make policy and jobs of clocks known."""
        from yiwang.kernel.clock import policies, tasks

        policies.register()
        tasks.register()
