// SPDX-License-Identifier: GPL-2.0-or-later
// Sets the chosen colour scheme on <html> before anything is painted, and is
// therefore a plain script in the head, not a module. Without a choice the
// system's scheme applies. Choices: "light", "dark" or none.
(function () {
  'use strict';
  var choice = null;
  try { choice = localStorage.getItem('berth-theme'); } catch (e) { }
  if (choice === 'light' || choice === 'dark')
    document.documentElement.dataset.theme = choice;
})();
