from django.apps import AppConfig


class OutputsConfig(AppConfig):
    name = "yiwang.kernel.outputs"
    label = "outputs"

    def ready(self) -> None:
        from yiwang.kernel.outputs import policies

        policies.register()
