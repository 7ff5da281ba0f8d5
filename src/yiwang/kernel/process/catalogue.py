"""Which steps and reactions a diagram may name; upper packages register them, the engine never knows their code."""

from dataclasses import dataclass

from yiwang.kernel.base.refusals import Text


@dataclass(frozen=True, slots=True)
class StepKind:
    """A kind of service task 自动步骤.

    Exactly one of `reversible` and `procedure` is set: a kind that cannot be undone names the procedure that must be
    used instead of a return. `waits` makes it a reaction: after commit, the token waits for its report.
    `issues` marks what may stand only behind a signing step.
    """

    name: str
    label: Text
    reversible: bool = True
    procedure: Text = ""
    waits: bool = False
    issues: bool = False
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.reversible == bool(self.procedure):
            raise ValueError(f"step {self.name} must either be reversible or name a procedure")


_kinds: dict[str, StepKind] = {}


def register_step(kind: StepKind) -> None:
    """Make a kind known to diagrams; called while apps load. Raises ValueError for a second kind of one name."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"two steps named {kind.name}")


def step_kind(name: str) -> StepKind | None:
    """The kind of this name, if registered."""
    return _kinds.get(name)
