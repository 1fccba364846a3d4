# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb converge: guest.conf's command, Puppet's as a rule, as root. Berth
# leaves packages to it and works beside it: what it has changed stays, whatever
# becomes of the build. Its exit status is read as `puppet agent --test` and
# --detailed-exitcodes mean it; a plain `puppet apply` says 0 or 1.

# converge_words STATUS: what went wrong.
converge_words() {
  case $1 in
    1) printf %s "could not run: there is no catalogue, or it does not \
compile, or another run is in progress" ;;
    4) printf %s 'ran, and something in it failed' ;;
    6) printf %s 'ran, changed something, and something in it failed' ;;
    *) printf %s 'ended in a way that Puppet does not know' ;;
  esac
}

verb_converge() {
  local changed=false words
  ((${#converge[@]})) ||
    refuse "no converge command is named in this guest's file"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  # A package manager that is killed leaves more to mend than others.
  grace_seconds=12
  begin_cancellable
  as_root_command "${converge[@]}"
  # The output is a file: what a started daemon keeps open holds up nobody.
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
