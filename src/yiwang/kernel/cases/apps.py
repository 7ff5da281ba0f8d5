from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "yiwang.kernel.cases"
    label = "cases"

    def ready(self) -> None:
        """Make policy, steps, reactions and jobs of cases known."""
        from yiwang.kernel.cases import policies, reactions, steps, tasks, ties

        policies.register()
        steps.register()
        reactions.register()
        tasks.register()
        ties.register()
