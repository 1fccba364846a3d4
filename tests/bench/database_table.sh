#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# database_table.sh FILE: the figures of database.sh as a table for people, and
# whether the budgets hold. Beside each time (a median where it is not said to
# be the most) stands how many times createdb --template, as somebody would
# type it, that is.
exec awk -F '\t' '
  { value[$1] = $2 }
  $1 ~ /^size_/ { sizes[++n] = substr($1, 6) }
  function row(title, name, i, v, base) {
    printf "%-37s", title
    for (i = 1; i <= n; i++) {
      v = value[name "_" sizes[i]]
      base = value["createdb_wal_log_" sizes[i]]
      if (v == "") printf "%17s", "-"
      else if (base > 0) printf "%8d %7.3fx", v, v / base
      else printf "%8d %8s", v, "-"
    }
    print ""
  }
  function ratios(title, name, i, v) {
    printf "%-37s", title
    for (i = 1; i <= n; i++) {
      v = value[name "_" sizes[i]]
      printf "%17s", v == "" ? "-" : sprintf("%.2fx", v)
    }
    print ""
  }
  # `below`: the figure has to be under the limit, else above; `only`: of the
  # one size that the budget is for.
  function budget(title, name, limit, below, only, i, v, words, bad) {
    for (i = 1; i <= n; i++) {
      v = value[name "_" sizes[i]]
      if (v == "" || (only != "" && sizes[i] != only)) continue
      words = words " " v " (" sizes[i] ")"
      if (below ? v > limit : v < limit) bad = 1
    }
    if (words == "") return
    printf "%-49s%s:%s\n", title, (bad ? "MISSED" : "holds"), words
  }
  END {
    printf "%-37s", "milliseconds, times createdb"
    for (i = 1; i <= n; i++)
      printf "%17s", sizes[i] " (" value["size_" sizes[i]] " MiB)"
    print ""
    row("pg_restore -j2", "pg_restore")
    row("createdb --template (WAL_LOG)", "createdb_wal_log")
    row("createdb --template, FILE_COPY", "createdb_file_copy")
    row("Berth without a spare: copy + swap", "without_spare")
    row("Berth with a spare: claim + swap", "with_spare")
    row("  the swap alone", "swap_with_spare_median")
    row("  the swap alone, most", "swap_with_spare_max")
    row("Berth undo: the swap", "undo_median")
    row("  most", "undo_max")
    row("swap while two copies run", "swap_under_copies_median")
    row("  most", "swap_under_copies_max")
    row("swap under 20 reconnecting clients", "swap_under_storm_median")
    row("  most", "swap_under_storm_max")
    row("pg_restore -j2 + VACUUM by hand", "by_hand")
    row("Berth refresh of the same dump", "refresh")
    ratios("pg_restore / with a spare", "ratio_pg_restore_to_spare")
    ratios("pg_restore / the swap", "ratio_pg_restore_to_swap")
    ratios("without a spare / createdb",
      "ratio_without_spare_to_template")
    ratios("without a spare / FILE_COPY", "ratio_without_spare_to_file_copy")
    ratios("refresh / by hand", "ratio_refresh_to_by_hand")
    budget("swap with a spare: under 100 ms", "swap_with_spare_max", 100, 1)
    budget("without a spare: at most 1.05 times createdb",
      "ratio_without_spare_to_template", 1.05, 1)
    budget("with a spare, 1 GB: over 100 times faster",
      "ratio_pg_restore_to_spare", 100, 0, "1gb")
    budget("refresh, 1 GB: at most 1.1 times by hand",
      "ratio_refresh_to_by_hand", 1.1, 1, "1gb")
  }' "$1"
