-- SPDX-License-Identifier: GPL-2.0-or-later
-- The data of the demo's dump; every run makes the same rows.
INSERT INTO catalogue_product (name, price_cents)
SELECT (ARRAY['Lamp', 'Chair', 'Kettle', 'Rope', 'Anchor'])[1 + n % 5]
         || ' no. ' || n,
       100 + (n * 7919) % 20000
  FROM generate_series(1, 500) AS n;

INSERT INTO catalogue_sale (product_id, email, amount, at)
SELECT 1 + (n * 31) % 500,
       'customer' || n % 4000 || '@example.com',
       1 + n % 4,
       timestamptz '2026-01-01 00:00:00+00' + n * interval '3 minutes'
  FROM generate_series(1, 120000) AS n;

ANALYZE;
