# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034,SC2015
#
# The verb read: returns the current contents of the files that a build would
# replace, to show what it would change. Root reads them, so only places that
# stage may write to are allowed: listed in guest.conf, in folders that belong
# to root only, regular files and no links. No lock is taken; every file is
# complete, because a switch puts each in place by rename.

kReadLimit=98304

# read_content PLACE SIZE: base64 of at most SIZE bytes.
read_content() {
  dd if="$1" iflag=nofollow,nonblock,count_bytes,fullblock count="$2" bs=65536 \
    status=none | base64 -w 0
}

verb_read() {
  local path place text='' name size mode owner facts content pending
  local left=$kReadLimit large
  for path in "${read_paths[@]}"; do check_place "$path"; done
  for path in "${read_paths[@]}"; do
    place=$prefix/$path
    as_json name "$path" || fail "cannot print $path"
    if ! facts=$(stat -c '%a %s %U:%G' -- "$place" 2>/dev/null); then
      [[ ! -e $place ]] || fail "cannot inspect $place"
      text+=",{\"path\":$name,\"there\":false}"
      continue
    fi
    read -r mode size owner <<<"$facts"
    as_json owner "$owner" || fail "cannot print the owner of $place"
    content=null large=false
    if ((size > kReadLimit)); then
      large=true
    elif ((size <= left)); then
      content=$(read_content "$place" "$size") || fail "cannot read $place"
      content="\"$content\""
      ((left -= size))
    fi
    printf -v facts '"there":true,"mode":"0%s","owner":%s,"size":%s' \
      "$mode" "$owner" "$size"
    text+=",{\"path\":$name,$facts,\"too_large\":$large,\"content\":$content}"
  done
  pending=$(pending_job)
  done_with "{\"pending\":${pending:-null},\"files\":[${text#,}]}"
}
