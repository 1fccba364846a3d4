# SPDX-License-Identifier: GPL-2.0-or-later
"""What is the same everywhere. What differs from server to server (database,
secret key, DEBUG, host names) is a file outside the checkout, executed last:
the one that SHOP_SETTINGS names, else /etc/shop/settings.py. While Berth
prepares a build, BERTH_RENDERED names the folder in which that file is waiting.
"""
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["catalogue"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ALLOWED_HOSTS = ["*"]
# Django's own default would mail errors to nobody; the web server's error log
# is where a tester looks.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

_local = os.environ.get("SHOP_SETTINGS") or (
    os.environ.get("BERTH_RENDERED", "") + "/etc/shop/settings.py"
)
exec(compile(Path(_local).read_text(), _local, "exec"))
