# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb converge: runs guest.conf's command, usually Puppet's, as root. Berth
# leaves packages to it: its changes remain, whatever the outcome of the build.
# Its exit status is read as that of `puppet agent --test` and
# --detailed-exitcodes; a plain `puppet apply` returns 0 or 1.

# converge_words STATUS: prints what failed.
converge_words() {
  case $1 in
    1) printf %s "could not run: there is no catalogue, or it does not \
compile, or another run is in progress" ;;
    4) printf %s 'ran, but some resources failed' ;;
    6) printf %s 'ran and made changes, but some resources failed' ;;
    *) printf %s 'is not an exit status of Puppet' ;;
  esac
}

verb_converge() {
  local changed=false words
  ((${#converge[@]})) ||
    refuse "this guest's file has no converge command"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  # A package manager that is killed leaves more to repair than other programs.
  grace_seconds=12
  begin_cancellable
  as_root_command "${converge[@]}"
  # The output is a file, so a started daemon that keeps it open blocks nothing.
  mv -fT -- "$job_folder/output" "$job_folder/converge.log" &&
    (as_filter sed 's/\x1b\[[0-9;]*m//g' <"$job_folder/converge.log") |
    (run_filter log 2>"$job_folder/output")
  fail_if_cancelled
  end_cancellable
  case $child_status in
    0) ;;
    2) changed=true ;;
    *)
      words=$(converge_words "$child_status")
      fail "${converge[0]}: exit status $child_status: it $words" \
        "{\"status\":$child_status}" ;;
  esac
  done_with "{\"changed\":$changed,\"status\":$child_status}"
}
