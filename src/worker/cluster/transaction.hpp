// SPDX-License-Identifier: GPL-2.0-or-later
// A transaction of one connection: what `body` does happens whole or not at
// all. It returns true for COMMIT, and false for ROLLBACK, as for whatever it
// throws; what it throws goes on. After Away nothing is sent: whether the
// COMMIT took effect is unknown until the cluster is back.
//
// It begins anew, a few times, where PostgreSQL refuses because another session
// has changed the same row of a catalog meanwhile (SqlError::was_changed): so
// `body` must look at everything again, and keep nothing of the first time.
#pragma once

#include "step/stop.hpp"
#include "worker/cluster/connection.hpp"

namespace berth::worker {

inline constexpr int kMostTransactions = 10;

template <class Body>
bool in_transaction(Connection& sql, Body body) {
  for (int attempt = 1;; ++attempt) {
    sql.run("BEGIN");
    try {
      const bool done = body();
      sql.run(done ? "COMMIT" : "ROLLBACK");
      return done;
    } catch (const Away&) {
      throw;
    } catch (const SqlError& e) {
      sql.run("ROLLBACK");
      if (attempt == kMostTransactions || !e.was_changed()) throw;
    } catch (...) {
      sql.run("ROLLBACK");
      throw;
    }
  }
}

}  // namespace berth::worker
