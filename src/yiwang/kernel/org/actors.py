"""The actor 行为人: who does something, in which post, resolved once per request."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post held today: its unit, the path of that unit in the tree, and how far it sees."""

    post: int
    role: str
    name: str
    unit: int
    unit_name: str
    unit_path: str
    reach: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Plain facts about who acts; carries no rights of its own, policies decide."""

    account: int
    name: str
    post: int = 0
    person: int | None = None
    party: int | None = None
    posts: tuple[HeldPost, ...] = ()
    level: int = 0
    officer: str = ""
    certified: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether he holds a post today."""
        return bool(self.posts)

    @property
    def unit(self) -> int:
        """Unit of the post in which he acts, 0 for none."""
        return next((held.unit for held in self.posts if held.post == self.post), 0)

    def holds(self, post: int) -> bool:
        """Whether he holds this post today."""
        return any(held.post == post for held in self.posts)

    def has_role(self, role: str, unit: int | None = None) -> bool:
        """Whether he holds a post with this role, in `unit` where one is named."""
        return any(held.role == role and unit in (None, held.unit) for held in self.posts)

    def acting_in(self, post: int) -> "Actor":
        """The same person acting in another of his posts; unchanged when he does not hold it."""
        return replace(self, post=post) if self.holds(post) else self


SYSTEM = Actor(account=0, name="系统")
ANONYMOUS = Actor(account=-1, name="")
