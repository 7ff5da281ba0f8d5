"""Settings of a running node. A deployment overrides them by environment and `settings.toml` in its data folder."""

import os
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from yiwang.project.database import database_of
from yiwang.project.logs.settings import logging_of
from yiwang.project.node_file import NodeFile
from yiwang.sites.identity.bounds import DEFAULTS as IDENTITY_DEFAULTS

ROOT = Path(__file__).resolve().parents[4]
DATA = Path(os.environ.get("YIWANG_DATA") or ROOT / "data").resolve()
NODE_FILE = NodeFile(DATA / "settings.toml")
local = NODE_FILE.value


FACE_LINES = (
    "bureau",
    "hall",
    "slogan",
    "site_code",
    "icp",
    "police",
    "address",
    "phone",
    "hours",
    "complaint_phone",
)


def secret(name: str) -> str:
    """A value kept alone in a file of the data folder, mode 0600; empty when there is none."""
    path = DATA / name
    return path.read_text("utf-8").strip() if path.exists() else ""


DEBUG = os.environ.get("YIWANG_DEBUG") == "1"
SECRET_KEY = secret("secret_key") or os.environ.get("YIWANG_SECRET_KEY", "")
ALLOWED_HOSTS = local("allowed_hosts", ["*"])

INSTALLED_APPS = [
    "yiwang.kernel.jobs",
    "yiwang.kernel.ledger",
    "yiwang.kernel.org",
    "yiwang.kernel.access",
    "yiwang.kernel.clock",
    "yiwang.kernel.files",
    "yiwang.kernel.search",
    "yiwang.kernel.forms",
    "yiwang.kernel.registers",
    "yiwang.kernel.notify",
    "yiwang.kernel.outputs",
    "yiwang.kernel.process",
    "yiwang.kernel.dispatch",
    "yiwang.kernel.cases",
    "yiwang.ui",
    "yiwang.adapters.syslog",
    "yiwang.sites.identity",
    "yiwang.sites.hall",
    "yiwang.sites.desk",
    "yiwang.sites.administration",
    "yiwang.project",
    "treebeard",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yiwang.project.logs.requests.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yiwang.sites.identity.middleware.SessionRules",
    "yiwang.ui.refusals.RefusalMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yiwang.project.urls"
ASGI_APPLICATION = "yiwang.project.asgi.application"
AUTH_USER_MODEL = "org.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yiwang.ui.context.shell",
            ],
        },
    }
]

DATABASE_URL = os.environ.get("YIWANG_DATABASE_URL") or secret("database_url")
DATABASES = {"default": database_of(DATABASE_URL, DATA / "yiwang.sqlite3")}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "yiwang.sites.identity.credentials.AccountBackend",
]

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英语"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = local("time_zone", "Asia/Shanghai")

LOCALE_PATHS = [DATA / "locale"]  # catalogues are compiled there at start; nothing generated lies in the tree

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DEFINITIONS = ROOT / "definitions"
FILES_ROOT = DATA / "files"
FILE_UPLOAD_HANDLERS = ["yiwang.kernel.files.uploads.BoundedUpload"]
KEYRING = Path(os.environ.get("YIWANG_KEYRING") or DATA / "keyring.json")

BACKUP_FOLDER = Path(local("backup_folder", "") or DATA / "backups")
BACKUP_KEEP = local("backup_keep", 7)
BACKUP_BEFORE_MIGRATION = local("backup_before_migration", True)

CRYPTO_SUITE = local(
    "crypto_suite", "international"
)  # or "national" 国密: SM2, SM3, SM4; what the other made still opens
LEDGER_ALGORITHM = local("ledger_algorithm", "sm3" if CRYPTO_SUITE == "national" else "sha256")

SEAL_SIGNER = local("seal_signer", "yiwang.kernel.outputs.signers.OwnSigner")
SEAL_KEY = local("seal_key", "rsa-3072")  # or "ec-p256": of the certificates that `make_authority` issues
SEAL_CERTIFICATE_YEARS = local("seal_certificate_years", 5)
SEAL_TIMESTAMPS = local("seal_timestamps", "")  # address of a time-stamp service (RFC 3161): PAdES B-T instead of B-B
SEAL_RETRY_MINUTES = local("seal_retry_minutes", 5)
SEAL_KEEPER_ROLES = local("seal_keeper_roles", ["seal_keeper"])

FACE = {name: local(f"face_{name}", "") for name in FACE_LINES}
TRUSTED_PROXIES = local("trusted_proxies", [""])
CSRF_FAILURE_VIEW = "yiwang.ui.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}

DIRECTORY_REFRESH: float | None = 5.0
PUBLIC_ORIGIN = str(os.environ.get("YIWANG_ORIGIN") or local("public_origin", "http://localhost:8000"))
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN] if PUBLIC_ORIGIN.startswith("https:") else []
MONITOR_ADDRESSES = local("monitor_addresses", ["127.0.0.1", "::1"])
HEALTH = {
    "worker_seconds": local("health_worker_seconds", 90),
    "delivery_seconds": local("health_delivery_seconds", 300),
}
SYSLOG = local("syslog", "")
SYSLOG_ENTERPRISE = local("syslog_enterprise", 32473)  # reserved for examples, RFC 5612
LOGGING = logging_of(local("request_log", "files"), DATA / "logs", local("request_log_days", 190))

# Signing in: every bound is `identity_…` in settings.toml (see sites/identity/bounds.py)
IDENTITY = {name: local(f"identity_{name}", value) for name, value in IDENTITY_DEFAULTS.items()}
CODE_SENDER = local("code_sender", "yiwang.sites.identity.port.LogSender")
COUNTER_ROLES = local("counter_roles", ["intake", "station_clerk"])
LOGIN_URL = "identity:sign_in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = IDENTITY["session_hours"] * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "yw_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = local("https_only", False)
MFA_ADAPTER = "yiwang.sites.identity.second_factor.SealedAdapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
AXES_FAILURE_LIMIT = IDENTITY["failures"]
AXES_COOLOFF_TIME = timedelta(minutes=IDENTITY["lock_minutes"])
AXES_LOCKOUT_PARAMETERS = ["username"]
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # a bureau sits behind one address: that is bounded apart, higher
AXES_LOCKOUT_CALLABLE = "yiwang.sites.identity.views.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "yiwang.ui.acting.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["login", "username", "code", "next", "ip_address"]
