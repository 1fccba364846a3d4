-- SPDX-License-Identifier: GPL-2.0-or-later
-- The demo's scrubbing: nobody's address leaves the night.
UPDATE catalogue_sale SET email = 'customer-' || id || '@test.invalid';
