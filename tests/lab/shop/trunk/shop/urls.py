# SPDX-License-Identifier: GPL-2.0-or-later
from django.urls import path

from catalogue import views

urlpatterns = [
    path("", views.index),
    path("health", views.health),
]
