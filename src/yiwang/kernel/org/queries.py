"""Reading the organisation."""

from django.db.models import Q, QuerySet

from yiwang.kernel.base.moments import today
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.org.actors import Actor, HeldPost
from yiwang.kernel.org.directory import directory
from yiwang.kernel.org.models import Account, Holding, Person, Post, Unit


def actor_of(account: Account) -> Actor:
    """The actor behind an account, with the posts held today; two queries at most."""
    if account.person_id is not None:
        return _staff(account)
    if account.party_id is not None and account.party is not None:
        party = account.party
        return Actor(account.pk, party.name, party=party.pk, level=party.level)
    return Actor(account.pk, account.username, officer=account.officer)


def _staff(account: Account) -> Actor:
    held = list(current_holdings().filter(person=account.person_id).order_by("since", "pk"))
    person = held[0].person if held else Person.objects.get(pk=account.person_id or 0)
    posts = tuple(_held_post(holding.post) for holding in held)
    return Actor(
        account=account.pk,
        name=person.name,
        post=posts[0].post if posts else 0,
        person=person.pk,
        posts=posts,
        certified=is_certified(person),
        officer=account.officer,
    )


def _held_post(post: Post) -> HeldPost:
    unit = post.unit
    return HeldPost(post.pk, post.role, post.name, unit.pk, unit.name, unit.path, post.reach)


def is_certified(person: Person) -> bool:
    """Whether he holds an enforcement certificate 行政执法证 valid today (行政处罚法 art. 42)."""
    return bool(person.certificate) and (person.certificate_until is None or person.certificate_until >= today())


def current_holdings() -> QuerySet[Holding]:
    """Holdings in force today, with person, post and unit."""
    day = today()
    in_force = Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gte=day))
    return Holding.objects.filter(in_force).select_related("person", "post__unit")


def party_tag(id_number: str) -> str:
    """What an identity number is found by; the number itself stays sealed."""
    return keyring().tag("party.id", id_number.strip().upper().encode()).hex()


def phone_tag(phone: str) -> str:
    """What a telephone number is found by."""
    return keyring().tag("party.phone", phone.strip().encode()).hex()


def unit_at(kind: str, level: int, division: str) -> Unit | None:
    """The active unit of this kind and level whose division holds `division`."""
    return directory().unit_at(kind, level, division)


def holders_of(post: int) -> list[Person]:
    """Persons who hold the post today."""
    return [holding.person for holding in current_holdings().filter(post=post).order_by("since")]
