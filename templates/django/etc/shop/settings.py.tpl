# What differs from server to server; rendered by Berth, job {{job:x-shell}}.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": {{database.host:x-python}},
        "PORT": {{database.port:x-python}},
        "NAME": {{database.name:x-python}},
        "USER": {{database.user:x-python}},
        "PASSWORD": {{secret.database_password:x-python}},
    }
}
SECRET_KEY = {{secret.secret_key:x-python}}
DEBUG = {{set.DEBUG:x-python}}
BERTH_SERVER = {{server:x-python}}
BERTH_REVISION = {{revision:x-python}}
