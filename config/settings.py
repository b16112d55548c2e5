"""All settings, from the environment only; safe values are the defaults."""

from pathlib import Path

from whitenoise.compress import Compressor

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# The demo opens one-click accounts: never set it where real children are on record.
DEMO = env.flag("BAOXUE_DEMO", default=False)
DEBUG = env.flag("BAOXUE_DEBUG", default=False)
TESTING = env.flag("BAOXUE_TESTING", default=False)

_throwaway = "only-for-demo-and-tests-" + "x" * 40 if DEMO or TESTING or DEBUG else None
SECRET_KEY = env.text("BAOXUE_SECRET_KEY", _throwaway)
# Encrypts ID numbers, phones and addresses; the index key makes exact search possible without decryption.
DATA_KEY = env.text("BAOXUE_DATA_KEY", _throwaway)
ALLOWED_HOSTS = env.words("BAOXUE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("BAOXUE_TRUSTED_ORIGINS", "")
DATA_DIR = Path(env.text("BAOXUE_DATA_DIR", str(BASE_DIR / ".run" / "data")))

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "notices.apps.NoticesConfig",
    "cases.apps.CasesConfig",
    "students.apps.StudentsConfig",
    "agencies.apps.AgenciesConfig",
    "axes",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.ActingPerson",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "agencies.context.page",
            ],
        },
    },
]
FORM_RENDERER = "config.widgets.Renderer"

DATA_DIR.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "baoxue.sqlite3", pooled=not TESTING)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "files"

AUTH_USER_MODEL = "agencies.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "config.signed_in.AccountBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "agencies.models.account.MixedCharactersValidator"},
]
LOGIN_URL = "agencies:login"
LOGIN_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "agencies.views.login.locked_out"
AXES_ENABLE_ACCESS_FAILURE_LOG = False

SESSION_ENGINE = "config.signed_in"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
_https = env.flag("BAOXUE_HTTPS", default=not (DEMO or TESTING or DEBUG))
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31536000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BAOXUE_PROXY", default=False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "agencies.views.errors.csrf_failure"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
_plain_static = DEBUG or TESTING
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _plain_static
        else "config.storage.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = _plain_static
# The paper fonts are read by the renderer, not by browsers; compressing them took forty seconds.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "otf")

# Photos, scans and recordings given as proof: bytes of one file, files of one act.
PROOF_PICTURE_BYTES = env.number("BAOXUE_PROOF_PICTURE_MB", 20) << 20
PROOF_RECORDING_BYTES = env.number("BAOXUE_PROOF_RECORDING_MB", 100) << 20
PROOF_FILES = env.number("BAOXUE_PROOF_FILES", 9)

# Large uploads wait here, beside the data and not in a folder that other programs read; gone when the answer is sent.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

REDIS_URL = env.text("REDIS_URL", "")
CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

COUNTIES_DIR = BASE_DIR / "fixtures" / "counties"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "baoxue": {"level": "INFO"},
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},
    },
}
