// SPDX-License-Identifier: GPL-2.0-or-later
// Folders base/OID, and pg_tblspc/TABLESPACE/VERSION/OID, without a database:
// what a CREATE DATABASE left when the whole server crashed in it, often
// gigabytes, and PostgreSQL never removes them. Nothing here does either: an
// admin's rm, after looking, is the only way, and the sentence says so.
// Anybody's, not just ours: nothing in the folder tells.
#pragma once

#include <vector>

#include "store/cluster_state.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Empty when pg_ls_dir may not be asked (berthctl doctor says so). While a
// CREATE DATABASE is running its folder looks like one, so then only those of
// `known`, found earlier, are given that are still there.
std::vector<Orphan> orphan_folders(Cluster& cluster,
                                   const std::vector<Orphan>& known);

}  // namespace berth::worker
