# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verbs restart and errors. Root reads the log, so its folders must belong
# to root only: otherwise a link in them could show any file of this guest.

kErrorLimit=16384

# log_size: 0 if there is no log yet.
log_size() {
  local folder=${error_log%/*}
  [[ -d $folder ]] || { printf 0; return; }
  mine_from_top "$folder" ||
    fail "$blame must be a folder that belongs to root only"
  [[ ! -L $error_log ]] || fail "$error_log must not be a link"
  [[ -f $error_log ]] || { printf 0; return; }
  stat -c %s -- "$error_log"
}

verb_restart() {
  local offset
  offset=$(log_size) || reply 20 "$offset"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  begin_cancellable
  as_root_command "${reload[@]}" || {
    fail_if_cancelled
    fail "${reload[0]}: exit status $child_status" "{\"lines\":$(last_lines)}"
  }
  done_with "{\"offset\":$offset}"
}

verb_errors() {
  local size from=${argument[offset]} cut=false text='""'
  size=$(log_size) || reply 20 "$size"
  ((from <= size)) || from=0
  if ((size - from > kErrorLimit)); then
    cut=true
    ((from = size - kErrorLimit))
  fi
  if ((size > from)); then
    text=$(dd if="$error_log" iflag=nofollow,nonblock,skip_bytes,count_bytes \
      skip="$from" count=$((size - from)) status=none |
      (run_filter text 2>/dev/null)) && [[ $text == '"'*'"' ]] ||
      fail "cannot read $error_log"
  fi
  done_with "{\"text\":$text,\"offset\":$size,\"cut\":$cut}"
}
