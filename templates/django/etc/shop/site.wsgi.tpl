# Rendered by Berth: revision {{revision:x-shell}}, job {{job:x-shell}}.
# The slot itself, not the link `current`: a process that is still running
# when the link moves must not import half of the next build.
import os
import sys

sys.path.insert(0, {{slot:x-python}})
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
