-- SPDX-License-Identifier: GPL-2.0-or-later
-- On its way to a server: what this server mails, it mails to itself.
UPDATE catalogue_sale
   SET email = 'sale-' || id || '@' || current_setting('berth.server') || '.invalid'
 WHERE id <= 1000;
