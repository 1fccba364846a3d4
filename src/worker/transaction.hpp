// SPDX-License-Identifier: GPL-2.0-or-later
// A transaction of one connection: what `body` does happens whole or not at
// all. It returns true for COMMIT, and false for ROLLBACK, as for whatever it
// throws; what it throws goes on. After Away nothing is sent: whether the
// COMMIT took effect is unknown until the cluster is back.
#pragma once

#include "worker/connection.hpp"
#include "worker/stop.hpp"

namespace berth::worker {

template <class Body>
bool in_transaction(Connection& sql, Body body) {
  sql.run("BEGIN");
  try {
    const bool done = body();
    sql.run(done ? "COMMIT" : "ROLLBACK");
    return done;
  } catch (const Away&) {
    throw;
  } catch (...) {
    sql.run("ROLLBACK");
    throw;
  }
}

}  // namespace berth::worker
