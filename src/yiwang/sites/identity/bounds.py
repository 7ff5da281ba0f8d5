"""Every bound of sign-in and registration. A node changes them in `settings.toml` as `identity_…`."""

from dataclasses import asdict, dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """Defaults follow GB/T 22239-2019 8.1.4.1 (等保三级 身份鉴别), which leaves the figures to the organisation.

    `failures` wrong passwords or codes lock an account for `lock_minutes`; `address_attempts` bounds what one address
    may try in the same time (a bureau stands behind one address, so it is larger). A session ends after `idle_minutes`
    without a request and after `session_hours` in any case. Passwords: `password_length` signs of at least
    `password_classes` of the four classes (small, capital, digit, other); staff change them after `password_days`
    (0 = never) and not to one of the last `password_history`. `second_factor` is asked of staff and officers.
    A telephone code lives `code_minutes` and bears `code_tries` wrong entries; a telephone gets `codes_per_day`,
    an address may ask for `registrations_per_hour`. Without a gateway for messages, `show_codes` puts them on the
    page: for demonstrations only.
    """

    failures: int = 5
    lock_minutes: int = 30
    address_attempts: int = 200
    idle_minutes: int = 30
    session_hours: int = 12
    password_length: int = 10
    password_classes: int = 3
    password_days: int = 90
    password_history: int = 5
    second_factor: bool = True
    code_minutes: int = 10
    code_tries: int = 5
    codes_per_day: int = 8
    registrations_per_hour: int = 60
    show_codes: bool = False

    @property
    def idle(self) -> timedelta:
        """Longest time without a request."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def length(self) -> timedelta:
        """Longest session."""
        return timedelta(hours=self.session_hours)


DEFAULTS: dict[str, int | bool] = asdict(Limits())
