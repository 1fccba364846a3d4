# SPDX-License-Identifier: GPL-2.0-or-later
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=80)
    price_cents = models.IntegerField()
    delivery_days = models.IntegerField(default=3)

    class Meta:
        ordering = ["id"]

    @property
    def price(self):
        return f"{self.price_cents / 100:.2f}"


class Sale(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    email = models.EmailField()
    amount = models.IntegerField()
    at = models.DateTimeField(db_index=True)
