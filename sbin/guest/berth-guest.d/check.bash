# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb check: whether the served files are still as they were built. It
# changes nothing, and takes only a lock of its own, so that only one runs.
#
# The rendered files are compared with `placed`, the files that the last switch
# put in place. svn and git report, as the deploy user, what was edited in the
# working copy after the build: ROOT/.berth/SLOT.built has the time of the
# build's end, so nothing that the prepare commands made counts as an edit.
# Compiled Python and the shared folders do not count either.

kNamed=5          # edits that are named
kMostEdits=1000   # edits that are inspected

# note_built: this job's build ends; later changes in the served slot are edits.
# An undo makes no slot and prepares none: changes made before it still count.
note_built() {
  local slot
  [[ -d $root/.berth ]] || return 0
  slot=$(readlink -- "$root/current") && [[ $slot == [ab] ]] || return 0
  [[ -e $job_folder/prepared ]] ||
    [[ $(<"$(marker_of "$slot")") == *"\"job\":$job,"* ]] || return 0
  # More than a clock tick after the build's own writes.
  sleep 0.02
  : >"$root/.berth/$slot.built"
}

# files_that_differ: sets $differ to a JSON array; null if it is not known what
# was put in place.
files_that_differ() {
  local file=$1 mode sum path place why name text='' now found
  local -a there=() sums=() modes=()
  differ=null
  [[ -f $file ]] || return 0
  while read -r mode sum path; do
    place=$prefix/$path why=''
    if [[ -L $place || (-e $place && ! -f $place) ]]; then
      why=replaced
    elif [[ ! -e $place ]]; then
      why=missing
    else
      now=$(sha256sum -- "$place") && [[ ${now%% *} == "$sum" ]] || why=changed
      [[ $why || $(stat -c '0%a %u %g' -- "$place") == "$mode 0 $file_gid" ]] ||
        why=mode
    fi
    [[ $why ]] || continue
    as_json name "$path" || fail "cannot print $path"
    text+=",{\"path\":$name,\"state\":\"$why\"}"
  done <"$file"
  differ="[${text#,}]"
}

# edits_in SLOT: sets $edits and $names, JSON.
edits_in() {
  local line name since='' text=''
  edits=null names='[]'
  is_whole "$1" || return 0
  since=$(stat -c %.9Y -- "$root/.berth/$1.built" 2>/dev/null) ||
    since=$(stat -c %.9Y -- "$(marker_of "$1")") || return 0
  argument[path]='' argument[encoded]='' argument[revision]=''
  read_marker "$1"
  [[ $marker =~ \"revision\":\"([0-9a-f]{1,40})\" ]] &&
    argument[revision]=${BASH_REMATCH[1]}
  begin_cancellable
  run_part status "$root/$1" '' "$since" ||
    fail "cannot list the edits in $root/$1 with $kind" \
      "{\"lines\":$(last_lines)}"
  end_cancellable
  edits=$(result_of edits)
  while IFS= read -r line; do
    [[ $line == name=* ]] || continue
    as_json name "${line#name=}" || continue
    text+=",$name"
  done < <(head -c 8192 -- "$job_folder/result" | head -n $((kNamed + 1)))
  names="[${text#,}]"
}

forget_look() { rm -rf -- "${state:?}/look"; }

verb_check() {
  local kept committed differ edits names current pending marker moved=false
  local slot previous phase
  local -a files new_folders gone
  exec 9>"$state/look.lock" && flock -w 10 9 ||
    fail "busy: another check of $application is running on this guest"
  forget_look
  job_folder=$state/look
  mkdir -m 0700 -- "$job_folder" || fail "cannot make $job_folder"
  at_exit=forget_look
  find_committed
  files_that_differ "$state/undo/$kept/placed"
  read_current
  if read_kept && [[ $slot && $slot != "$current" ]]; then moved=true; fi
  job_folder=$state/look
  edits_in "${current:-none}"
  pending=$(pending_job)
  ((committed)) || committed=null
  or_null current "$current"
  done_with "{\"job\":$committed,\"current\":$current,\"moved\":$moved,\
\"files\":$differ,\"edits\":$edits,\"names\":$names,\
\"pending\":${pending:-null}}"
}

# The deploy user's part (tree.bash): the findings are edits=N and up to five
# lines name=PATH.

# svn_edited: the paths in svn's status, NUL-separated. --xml would need a
# parser; svn prints a name with a newline without it.
svn_edited() {
  svn_run status --ignore-externals -- . 2>/dev/null |
    sed -n 's/^[ACDIMRX?!~].\{7\}//p; s/^ [CM].\{6\}//p' | tr '\n' '\0'
}

# git_edited: uses a git folder of our own instead of the slot's, so that no
# filter, hook or monitor configured in the slot is run. The index is a copy,
# which avoids reading all files.
git_edited() {
  local folder git
  folder=$(mktemp -d) || return
  git=("--git-dir=$folder/git" "--work-tree=$slot")
  mkdir -p "$folder/git/objects/info" "$folder/git/refs" "$folder/git/info" &&
    printf '%s\n' "$berth/repo.git/objects" \
      >"$folder/git/objects/info/alternates" &&
    printf '%s\n' "$revision" >"$folder/git/HEAD" &&
    printf '[core]\n%s\n%s\n' 'repositoryformatversion = 0' 'bare = false' \
      >"$folder/git/config" || return
  cp -- .git/index "$folder/git/index" 2>/dev/null &&
    [[ $(git_run "${git[@]}" ls-files -v 2>&1 | grep -vc '^H ') == 0 ]] ||
    { rm -f -- "$folder/git/index" &&
      git_run "${git[@]}" read-tree HEAD; } || return
  git_run "${git[@]}" status --porcelain -z --no-renames --ignore-submodules |
    sed -z 's/^...//'
  local status=${PIPESTATUS[0]}
  rm -rf -- "$folder"
  return "$status"
}

# is_shared PATH: a link that Berth made, or the folder of one.
is_shared() {
  local name
  for name in "${shared[@]}"; do
    [[ $1 == "$name" || $name == "${1%/}"/* ]] && return
  done
  return 1
}

# is_younger PATH: it, or something in it, changed after the build. A deleted
# path has no time and counts as younger.
is_younger() {
  [[ -e $1 || -L $1 ]] || return 0
  [[ $(find "./$1" \( -name __pycache__ -o -name '*.pyc' \) -prune -o \
    -newerct "@$since" -print -quit 2>/dev/null) ]]
}

# say_nameless: svn stops at a name that is not UTF-8 without naming it.
say_nameless() {
  local path
  while IFS= read -r -d '' path; do
    printf -v path %q "$path"
    say "error: svn cannot read a name that is not UTF-8: $path; remove or\
 rename it"
  done < <(find . -path ./.svn -prune -o -print0 |
    LC_ALL=C.UTF-8 grep -zaxv '.*' | head -zn "$kNamed")
}

say_edits() {
  local path looked=0 edits=0
  "${kind}_edited" >"$berth_list" || {
    [[ $kind != svn ]] || say_nameless
    return 1
  }
  while IFS= read -r -d '' path; do
    ((++looked <= kMostEdits)) || break
    is_shared "$path" && continue
    [[ $path != *.pyc && ${path%/} != *__pycache__ ]] || continue
    is_younger "$path" || continue
    ((++edits > kNamed)) || printf 'name=%s\n' "${path//[[:cntrl:]]/?}" >&5
  done <"$berth_list"
  found edits "$edits"
}
