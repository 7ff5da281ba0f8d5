"""Application of registers and quotas."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Registers 台账 and quotas 限额."""

    name = "yiwang.kernel.registers"
    label = "registers"

    def ready(self) -> None:
        """Make policies and reactions known."""
        from yiwang.kernel.registers import policies, reactions

        policies.register()
        reactions.register()
