// SPDX-License-Identifier: GPL-2.0-or-later
// The page's own address, to which all others are relative. Without a name and
// password in it: fetch rejects such an address, and the browser sends the
// login anyway.
export const place = new URL(document.baseURI);
place.username = '';
place.password = '';
