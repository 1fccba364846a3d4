#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# repository-make.sh DIR whole|light: makes the demo's history in DIR/svn and
# DIR/git.git.
#
# The same changes in the same order go to both. The number in shop/release.py
# is the Subversion revision that carries it, in git too. Django's own sources
# are the bulk (3,500 files), so that a checkout costs what a real one does; a
# light one is without, for tests that build a hundred times.
. "${0%/*}/common.sh"
out=$1
svn=file://$out/svn
shop=$lab_source/shop
work=$out/work
number=0

# Reproducible commits: the same recipe makes the same git hashes.
export GIT_AUTHOR_NAME=Shop GIT_AUTHOR_EMAIL=shop@example.com
export GIT_COMMITTER_NAME=Shop GIT_COMMITTER_EMAIL=shop@example.com
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
# Outside the tree, so that the import below does not find it.
git() { command git --git-dir="$work/git" --work-tree="$work/tree" "$@"; }
mucc() { svnmucc --non-interactive -U "$svn" "$@" >/dev/null; }

release() { # BRANCH: what shop/release.py says from now on
  sed -e "s|^BRANCH = .*|BRANCH = \"$1\"|" \
    -e "s|^REVISION = .*|REVISION = $number|" "$shop/trunk/shop/release.py"
}

# change trunk|branches/NAME MESSAGE [svnmucc ARGUMENT]...: one commit in both.
# The files of the change are already in the git tree.
change() {
  local path=$1 message=$2 branch=${1#branches/} parent=$number
  shift 2
  [ "$branch" != trunk ] || branch=main
  number=$((number + 1))
  printf '%s\n' "* $message" >>"$work/tree/NOTES"
  release "$path" >"$work/release.py"
  mucc -r "$parent" -m "$message" "$@" \
    put "$work/release.py" "$path/shop/release.py" \
    put "$work/tree/NOTES" "$path/NOTES"
  release "$branch" >"$work/tree/shop/release.py"
  git add -A
  local at="2026-01-05T08:00:00Z"
  at=$(date -u -d "$at + $number days" +%FT%TZ)
  GIT_AUTHOR_DATE=$at GIT_COMMITTER_DATE=$at git commit -q -m "$message"
}

svnadmin create "$out/svn"
mkdir -p "$work/tree"
cd "$work/tree"
git init -q -b main
cp -R "$shop/trunk/." "$work/tree/"
if [ "$2" = whole ]; then
  mkdir "$work/tree/vendor"
  cp -R "$(/usr/bin/python3 -c 'import django, os; print(os.path.dirname(
    django.__file__))')" "$work/tree/vendor/django"
fi
find "$work/tree" -name __pycache__ -prune -exec rm -rf {} +
printf 'Changes, oldest first.\n' >"$work/tree/NOTES"

mucc -m "Layout" mkdir trunk mkdir branches mkdir tags
number=$((number + 1))
# svn import leaves out what looks like a build product unless told not to.
svn import -q --no-ignore --no-auto-props -m "The shop, and Django's sources" \
  --config-option config:miscellany:global-ignores= \
  "$work/tree" "$svn/trunk"
number=$((number + 1))
change trunk "First release of the shop"

for subject in lamps chairs kettles ropes anchors; do
  change trunk "Describe our $subject"
  change trunk "Correct the price of $subject"
  change trunk "Sort $subject by name"
done
mucc -m "Release 1.0" cp "$number" trunk tags/1.0
git tag 1.0
number=$((number + 1))

mucc -m "Branch for the second checkout" \
  cp "$number" trunk branches/checkout-2
number=$((number + 1))
git checkout -q -b checkout-2
cp -R "$shop/checkout-2/." "$work/tree/"
page=catalogue/templates/catalogue/index.html
migration=catalogue/migrations/0002_delivery_days.py
b=branches/checkout-2
change "$b" "Show how many days a delivery takes" \
  put "$work/tree/$page" "$b/$page" \
  put "$work/tree/$migration" "$b/$migration" \
  put "$work/tree/catalogue/models.py" "$b/catalogue/models.py"
for subject in addresses invoices parcels vouchers; do
  change "$b" "Ask for $subject on one page"
  git checkout -q main
  change trunk "Count $subject in the monthly report"
  git checkout -q checkout-2
  change "$b" "Check $subject before paying"
done
git checkout -q main
change trunk "Thank the customer"

command git clone -q --bare "$work/git" "$out/git.git"
command git -C "$out/git.git" config uploadpack.allowAnySHA1InWant true
command git -C "$out/git.git" config uploadpack.allowFilter true
rm -rf "$work"
