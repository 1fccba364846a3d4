// SPDX-License-Identifier: GPL-2.0-or-later
// Folders base/OID and pg_tblspc/TABLESPACE/VERSION/OID without a database. A
// CREATE DATABASE leaves one, often of several gigabytes, when the whole server
// crashes during it, and PostgreSQL never removes it. Neither does Berth: only
// an administrator can, with rm, and the message says so. All such folders are
// reported, because nothing in a folder shows to whom it belongs.
#pragma once

#include <vector>

#include "store/cluster_state.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Empty when Berth may not call pg_ls_dir (berthctl doctor reports it). The
// folder of a running CREATE DATABASE looks the same; while one is running,
// only those of `known`, found earlier, are returned if they still exist.
std::vector<Orphan> orphan_folders(Cluster& cluster,
                                   const std::vector<Orphan>& known);

}  // namespace berth::worker
