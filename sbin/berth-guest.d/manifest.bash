# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The manifest of a switch: JOB/manifest.json. switch.bash says what it is for.
# It is JSON with a line for each file and folder, so that it can be read and
# written without jq, whose start costs more than all the rest:
#
#   {"version":1,"application":"shop","job":7,"slot":"b","previous":"a",
#   "phase":"begun","files":[             (these two are one line)
#   {"path":"etc/shop/x","mode":"0640","old":0},
#   {"path":"etc/shop/new/y","mode":"0640","old":null}
#   ],"folders":[
#   "etc/shop/new"
#   ]}

# read_manifest JOB: into slot, previous, phase, files ("MODE OLD PATH"; OLD is
# "-" if there was none) and new_folders.
read_manifest() {
  job_folder=$state/$1
  read_own_manifest || read_any_manifest
  [[ $phase == begun || $phase == switched ]] ||
    unsettled "cannot read $job_folder/manifest.json" "$1"
}

# read_own_manifest: one that is, to the letter, as write_manifest writes it.
read_own_manifest() {
  local -a lines
  local name="\"($kPlain)\"" head file i old last part=files
  head='^\{"version":1,"application":"[a-z0-9-]+","job":[0-9]+,"slot":(null|'
  head+='"[ab]"),"previous":(null|"[ab]"),"phase":"(begun|switched)","files":'
  file="^\{\"path\":$name,\"mode\":\"(0[0-7]{3})\",\"old\":(null|[0-9]+)\},?\$"
  slot='' previous='' phase='' files=() new_folders=()
  mapfile -t lines <"$job_folder/manifest.json" || return
  ((${#lines[@]} >= 3)) && [[ ${lines[0]} =~ $head\[$ ]] || return
  slot=${BASH_REMATCH[1]//'"'/} previous=${BASH_REMATCH[2]//'"'/}
  slot=${slot#null} previous=${previous#null}
  last=${BASH_REMATCH[3]}
  for ((i = 1; i < ${#lines[@]}; i++)); do
    if [[ $part == files && ${lines[i]} =~ $file ]]; then
      old=${BASH_REMATCH[3]}
      files+=("${BASH_REMATCH[2]} ${old/null/-} ${BASH_REMATCH[1]}")
    elif [[ $part == files && ${lines[i]} == '],"folders":[' ]]; then
      part=folders
    elif [[ $part == folders && ${lines[i]} =~ ^$name,?$ ]]; then
      new_folders+=("${BASH_REMATCH[1]}")
    elif [[ $part == folders && ${lines[i]} == ']}' ]]; then
      part=end
    else
      return 1
    fi
  done
  [[ $part == end ]] && phase=$last
}

# read_any_manifest: any other JSON; berth-guest once wrote it on one line.
read_any_manifest() {
  local entry
  slot='' previous='' phase='' files=() new_folders=()
  while IFS= read -r entry; do
    case $entry in
      'file '*) files+=("${entry#file }") ;;
      'folder '*) new_folders+=("${entry#folder }") ;;
      *) printf -v "${entry%% *}" %s "${entry#* }" ;;
    esac
  done < <(jq -r 'if .version != 1 then "phase unknown" else
    "slot \(.slot // "")", "previous \(.previous // "")", "phase \(.phase)",
    (.files[] | "file \(.mode) \(.old // "-") \(.path)"),
    (.folders[] | "folder \(.)") end' -- "$job_folder/manifest.json")
}

# write_manifest PHASE
write_manifest() {
  local text entry mode old path comma=''
  local -a json
  or_null json[0] "$slot" && or_null json[1] "$previous" || return
  printf -v text '{"version":1,"application":"%s","job":%d,"slot":%s,%s' \
    "$application" "${job_folder##*/}" "${json[0]}" \
    "\"previous\":${json[1]},\"phase\":\"$1\",\"files\":["
  for entry in "${files[@]}"; do
    read -r mode old path <<<"$entry"
    as_json path "$path" || return
    text+="$comma"$'\n'"{\"path\":$path,\"mode\":\"$mode\","
    text+="\"old\":${old/-/null}}"
    comma=,
  done
  text+=$'\n],"folders":['
  comma=
  for path in "${new_folders[@]}"; do
    as_json path "$path" || return
    text+="$comma"$'\n'"$path"
    comma=,
  done
  write_durably "$job_folder/manifest.json" "$text"$'\n]}'
}
