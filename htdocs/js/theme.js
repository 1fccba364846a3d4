// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the chosen colour scheme on <html> before anything is painted, which
// is why it is a plain script in the head and not a module. Without a choice
// the system's scheme holds. Choices: "light", "dark" or none.
(function () {
  'use strict';
  var choice = null;
  try { choice = localStorage.getItem('berth-theme'); } catch (e) { }
  if (choice === 'light' || choice === 'dark')
    document.documentElement.dataset.theme = choice;
})();
