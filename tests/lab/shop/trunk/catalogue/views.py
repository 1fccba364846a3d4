# SPDX-License-Identifier: GPL-2.0-or-later
"""Two pages: one for people, one that scripts can compare line by line."""
import locale

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render

from catalogue.models import Product, Sale
from shop import release


def facts():
    return {
        "branch": release.BRANCH,
        "revision": release.REVISION,
        "database": connection.settings_dict["NAME"],
        "rows": Sale.objects.count(),
        "columns": ",".join(f.column for f in Product._meta.fields),
    }


def index(request):
    return render(
        request,
        "catalogue/index.html",
        {
            "facts": facts(),
            "motto": getattr(settings, "SHOP_MOTTO", ""),
            "products": Product.objects.all()[:12],
        },
    )


def health(request):
    # Product.objects.first() fails when a migration is missing.
    lines = dict(
        facts(),
        first_product=Product.objects.first().name,
        motto=getattr(settings, "SHOP_MOTTO", ""),
        # WSGI shows bytes as Latin-1.
        apache=request.META.get("SHOP_MOTTO", "")
        .encode("latin-1")
        .decode("utf-8"),
        encoding=locale.getpreferredencoding(False),
    )
    return HttpResponse(
        "".join(f"{name} {value}\n" for name, value in lines.items()),
        content_type="text/plain; charset=utf-8",
    )
