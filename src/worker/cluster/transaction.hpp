// SPDX-License-Identifier: GPL-2.0-or-later
// Runs `body` in a transaction. `body` returns true for COMMIT and false for
// ROLLBACK; an exception also causes a ROLLBACK and is passed on. After Away
// nothing is sent: whether the COMMIT took effect is unknown until the cluster
// is reachable again.
//
// If PostgreSQL refuses it because another session changed the same catalog row
// meanwhile (SqlError::was_changed), it is repeated a few times. `body` must
// therefore read everything again and keep nothing from the first run.
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
