// SPDX-License-Identifier: GPL-2.0-or-later
// The page's own address, which everything else is relative to. Without a name
// and password that somebody has put into it: fetch takes no such address,
// and the browser sends the login all the same.
export const place = new URL(document.baseURI);
place.username = '';
place.password = '';
