# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb prepare: runs guest.conf's commands in order, as the deploy user, in
# a slot. {slot}, {rendered} and {application} in a word are replaced by the
# folder of the slot, the folder of the rendered files and the name. No shell
# interprets a word.

# show_rendered: puts the prepare set where only the deploy user can read it,
# ROOT/.berth/rendered, until the verb ends. The folder belongs to the user and
# is closed to all groups, because the user's primary group can be that of other
# applications; its contents belong to root. Sets $rendered.
show_rendered() {
  rendered=$root/.berth/rendered
  remove_tree "$rendered" || fail "cannot remove $rendered"
  if [[ ! -d $job_folder/prepare ]]; then
    rendered=${prefix:-/}
    return
  fi
  (umask 077 && mkdir -- "$rendered") &&
    cp -R --preserve=mode,timestamps -- "$job_folder/prepare/tree/." \
      "$rendered" &&
    chmod 0500 -- "$rendered" &&
    find "$rendered" -mindepth 1 -exec chmod a+rX {} + &&
    chown "$uid:0" -- "$rendered" ||
    fail "cannot show the rendered files in $rendered"
}

hide_rendered() { remove_tree "$root/.berth/rendered"; }

# prepare_words INDEX: sets $words to the command's words, with replacements.
prepare_words() {
  local start=${prepare_start[$1]} end=${prepare_start[$1 + 1]-} i
  end=${end:-${#prepare_command[@]}}
  words=("${prepare_command[@]:start:end - start}")
  for i in "${!words[@]}"; do
    words[i]=${words[i]//'{slot}'/"$root/$slot"}
    words[i]=${words[i]//'{rendered}'/"$rendered"}
    words[i]=${words[i]//'{application}'/"$application"}
  done
}

verb_prepare() {
  local slot rendered words name i count=${#prepare_start[@]}
  read_current
  slot=$current
  [[ ${argument[where]} == current ]] || slot=$(idle_slot)
  [[ $slot ]] || refuse 'there is no current slot yet'
  is_whole "$slot" || refuse "slot $slot is incomplete; check out first"
  mkdir -p -- "$job_folder" || fail "cannot make $job_folder"
  # For discard (check.bash).
  : >"$job_folder/prepared"
  begin_cancellable
  show_rendered
  at_exit=hide_rendered
  output_limit=1048576
  deploy_environment=("BERTH_APPLICATION=$application"
    "BERTH_SLOT=$root/$slot" "BERTH_RENDERED=$rendered")
  for ((i = 0; i < count; i++)); do
    prepare_words "$i"
    as_json name "${words[0]}" &&
      printf '{"progress":{"done":%d,"total":%d,%s,"message":%s}}\n' \
        "$i" "$count" '"unit":"commands"' "$name"
    cd -- "$root/$slot" || fail "cannot enter $root/$slot"
    as_deploy log "${words[@]}" || {
      cd /
      fail "${words[0]}: exit status $child_status" \
        "{\"command\":$i,\"lines\":$(last_lines)}"
    }
    cd / || fail 'cannot enter /'
  done
  done_with "{\"commands\":$count}"
}
