# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The manifest of a switch: JOB/manifest.json. Its purpose is in switch.bash. It
# is JSON with a line for each file and folder, so that it can be read and
# written without jq, whose start costs more than all the rest:
#
#   {"version":1,"application":"shop","job":7,"slot":"b","previous":"a",
#   "phase":"begun","files":[             (these two are one line)
#   {"path":"etc/shop/x","mode":"0640","old":0},
#   {"path":"etc/shop/new/y","mode":"0640","old":null}
#   ],"folders":[
#   "etc/shop/new"
#   ]}
#
# "folders" are those that must be created. In an undo's, "mode" can be null for
# a file that must be removed, and after "folders" there can be the list "gone"
# of folders that must be removed; its version is then 2, because a berth-guest
# that supports only 1 must not use it.

# read_manifest JOB: sets slot, previous, phase, files ("MODE OLD PATH"; "-" for
# null), new_folders and gone.
read_manifest() {
  job_folder=$state/$1
  read_own_manifest || read_any_manifest
  [[ $phase == begun || $phase == switched ]] ||
    unsettled "cannot read $job_folder/manifest.json" "$1"
}

# read_own_manifest: one that is exactly as write_manifest writes it.
read_own_manifest() {
  local -a lines
  local name="\"($kPlain)\"" head file i mode old last part=files
  head='^\{"version":[12],"application":"[a-z0-9-]+","job":[0-9]+,"slot":(null|'
  head+='"[ab]"),"previous":(null|"[ab]"),"phase":"(begun|switched)","files":'
  file="^\{\"path\":$name,\"mode\":(null|\"0[0-7]{3}\")"
  file+=",\"old\":(null|[0-9]+)\},?\$"
  slot='' previous='' phase='' files=() new_folders=() gone=()
  mapfile -t lines <"$job_folder/manifest.json" || return
  ((${#lines[@]} >= 3)) && [[ ${lines[0]} =~ $head\[$ ]] || return
  slot=${BASH_REMATCH[1]//'"'/} previous=${BASH_REMATCH[2]//'"'/}
  slot=${slot#null} previous=${previous#null}
  last=${BASH_REMATCH[3]}
  for ((i = 1; i < ${#lines[@]}; i++)); do
    if [[ $part == files && ${lines[i]} =~ $file ]]; then
      mode=${BASH_REMATCH[2]//'"'/} old=${BASH_REMATCH[3]}
      files+=("${mode/null/-} ${old/null/-} ${BASH_REMATCH[1]}")
    elif [[ $part == files && ${lines[i]} == '],"folders":[' ]]; then
      part=folders
    elif [[ $part == folders && ${lines[i]} =~ ^$name,?$ ]]; then
      new_folders+=("${BASH_REMATCH[1]}")
    elif [[ $part == folders && ${lines[i]} == '],"gone":[' ]]; then
      part=gone
    elif [[ $part == gone && ${lines[i]} =~ ^$name,?$ ]]; then
      gone+=("${BASH_REMATCH[1]}")
    elif [[ $part == @(folders|gone) && ${lines[i]} == ']}' ]]; then
      part=end
    else
      return 1
    fi
  done
  [[ $part == end ]] && phase=$last
}

# read_any_manifest: any other JSON; an older berth-guest wrote it on one line.
read_any_manifest() {
  local entry
  slot='' previous='' phase='' files=() new_folders=() gone=()
  while IFS= read -r entry; do
    case $entry in
      'file '*) files+=("${entry#file }") ;;
      'folder '*) new_folders+=("${entry#folder }") ;;
      'gone '*) gone+=("${entry#gone }") ;;
      *) printf -v "${entry%% *}" %s "${entry#* }" ;;
    esac
  done < <(jq -r 'if .version | . != 1 and . != 2 then "phase unknown" else
    "slot \(.slot // "")", "previous \(.previous // "")", "phase \(.phase)",
    (.files[] | "file \(.mode // "-") \(.old // "-") \(.path)"),
    (.folders[] | "folder \(.)"), (.gone // [] | .[] | "gone \(.)") end' \
    -- "$job_folder/manifest.json")
}

# write_manifest PHASE
write_manifest() {
  local head text='' entry mode old path comma='' version=1
  local -a json
  or_null json[0] "$slot" && or_null json[1] "$previous" || return
  for entry in "${files[@]}"; do
    read -r mode old path <<<"$entry"
    [[ $mode != - ]] || version=2
    as_json path "$path" && or_null mode "${mode#-}" || return
    text+="$comma"$'\n'"{\"path\":$path,\"mode\":$mode,"
    text+="\"old\":${old/-/null}}"
    comma=,
  done
  text+=$'\n],"folders":['
  add_folders "${new_folders[@]}" || return
  if ((${#gone[@]})); then
    version=2
    text+=$'\n],"gone":['
    add_folders "${gone[@]}" || return
  fi
  printf -v head '{"version":%d,"application":"%s","job":%d,"slot":%s,%s' \
    "$version" "$application" "${job_folder##*/}" "${json[0]}" \
    "\"previous\":${json[1]},\"phase\":\"$1\",\"files\":["
  write_durably "$job_folder/manifest.json" "$head$text"$'\n]}'
}

# add_folders FOLDER...: appends them to $text.
add_folders() {
  local comma='' path
  for path in "$@"; do
    as_json path "$path" || return
    text+="$comma"$'\n'"$path"
    comma=,
  done
}
