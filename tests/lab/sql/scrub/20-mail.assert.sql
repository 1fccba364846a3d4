-- SPDX-License-Identifier: GPL-2.0-or-later
-- One address that is left fails the refresh, and yesterday's data serves on.
SELECT id FROM catalogue_sale WHERE email NOT LIKE '%@test.invalid' LIMIT 1;
