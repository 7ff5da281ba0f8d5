from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "yiwang.kernel.dispatch"
    label = "dispatch"

    def ready(self) -> None:
        """Make the policies known."""
        from yiwang.kernel.dispatch import policies

        policies.register()
