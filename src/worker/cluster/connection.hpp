// SPDX-License-Identifier: GPL-2.0-or-later
// One libpq connection, used so that a cancel and a deadline are obeyed while
// a statement runs (PQcancel, then its end is awaited), and so that names and
// texts are never pasted into SQL without PQescapeIdentifier or
// PQescapeLiteral.
//
// A lost connection is Away: whether its last statement took effect is unknown.
// Every other failure is SqlError and means that the statement did nothing.
//
// What a statement waits for is ended, where it is a session of another role
// that we may end (locked_database.hpp): any role that may log in can lock any
// database, or its row, and stay.
//
// What a cluster holds was written by others - a database's owner can give it a
// comment of 200 MiB - so query() bounds it: the server cuts every text to
// kLongestCell bytes before it sends it (cut_columns.hpp), and an answer of
// more than kMostRows rows or kLargestAnswer bytes is an Error. It is never a
// shorter answer: to who reads a list, what is not in it does not exist. A
// bound in each statement was rejected, because the next statement would lack
// it. The text of a NOTICE or an error is not bounded by anything that a client
// can say, and SQL of a database can raise it: bound_memory() of main is what
// ends the connection (Away) before the machine is full.
#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"
#include "worker/cluster/cut_columns.hpp"
#include "worker/cluster/startup.hpp"

namespace berth::worker {

class SqlError : public Error {
 public:
  SqlError(std::string action, std::string subject, std::string cause,
           std::string sqlstate)
      : Error(std::move(action), std::move(subject), std::move(cause)),
        sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }
  // Another session changed the same row of a catalog at the same time.
  bool was_changed() const {
    return sqlstate_ == "XX000" &&
           cause().find("tuple concurrently") != std::string::npos;
  }

 private:
  std::string sqlstate_;
};

// The server answered and did not let us in; empty without an SQLSTATE, where
// nobody answered.
class NotLetIn : public Away {
 public:
  NotLetIn(std::string subject, std::string cause, std::string sqlstate)
      : Away("connect to", std::move(subject), std::move(cause)),
        sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  std::string sqlstate_;
};

using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;
using Rows = std::vector<Row>;

inline constexpr std::size_t kMostRows = 20'000;
inline constexpr std::size_t kLargestAnswer = 16 << 20;  // bytes

// What a cell holds; NULL is 0, empty, false.
inline std::int64_t cell_number(const Cell& cell) {
  return cell ? std::stoll(*cell) : 0;
}
inline std::string cell_text(const Cell& cell) {
  return cell.value_or("");
}
inline bool cell_yes(const Cell& cell) {
  return cell == Cell("t");
}

// What became of a statement that somebody else wrote.
struct Executed {
  std::string tag;        // "UPDATE 120000"
  std::int64_t rows = 0;  // how many it returned; they are not kept
  std::string sqlstate;   // empty: done; else it did nothing
  int position = 0;       // of the error in it, characters from 1; 0: not told
  std::string words;      // of the error in full; they may quote rows
  bool copy = false;      // it wants rows from us, or gives them; lost() now
};

// Why libpq could not connect, as it prints it with PQERRORS_VERBOSE: takes the
// SQLSTATE out of it and returns that; what only a programmer reads goes, too.
std::string take_sqlstate(std::string& text);

class Connection {
 public:
  // Refuses (Error) before anything is sent where the server's identity would
  // not be checked, by conninfo, service file and environment together.
  // `database`, `user` empty: conninfo's. Throws Away when it cannot be
  // reached or another account answers on this machine (local_server.hpp),
  // NotLetIn when it answers and refuses. Names without a schema are
  // PostgreSQL's own, whatever lies in the database: its owner may have put a
  // pg_relation_size there that fits better. That, and these `settings`, is
  // what RESET returns to (startup.hpp). A database that others lock is freed
  // (locked_database.hpp), or with Locked::wait given up soon.
  enum class Locked { free, wait };
  Connection(const std::string& where, const Conninfo& conninfo,
             const std::string& application_name, Link& link,
             const std::string& database = "", const std::string& user = "",
             const SessionSettings& settings = {},
             Locked locked = Locked::free);

  // One statement; parameters are $1, $2, ... as text. Only a SELECT, whose
  // texts are cut, and a SHOW may return texts; anything else that does
  // (RETURNING) is an Error.
  Rows query(const std::string& sql, const std::vector<Cell>& parameters = {},
             Deadline deadline = Deadline::in_s(30));
  void run(const std::string& sql, Deadline deadline = Deadline::in_s(30)) {
    query(sql, {}, deadline);
  }
  // One statement whose errors and rows are not for everybody: what it throws
  // for a lost connection or a deadline quotes nothing. It is sent as it is, so
  // a row can be as large as PostgreSQL lets one be, 1 GiB: one is held at a
  // time, and no more than bound_memory() of main lets us hold.
  Executed execute(const std::string& sql, Deadline deadline);
  // tick() is called every so often while the statement runs.
  template <class Tick>
  void run_watched(const std::string& sql, Deadline deadline, Tick tick,
                   std::int64_t every_ms = 250) {
    again_if_changed([&] {
      send(sql, {});
      await(deadline, tick, every_ms);
      collect(sql, deadline);
      return true;
    });
  }

  std::string identifier(const std::string& name) const;
  std::string literal(const std::string& text) const;
  int version() const { return PQserverVersion(connection_.get()); }
  int backend_pid() const { return PQbackendPID(connection_.get()); }
  bool in_transaction() const {
    return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  }
  // The value of a keyword of conninfo that is in effect; empty: none.
  std::string option(const char* keyword) const;
  // "TLSv1.3", empty without TLS.
  std::string tls() const;
  bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
  // What libpq made of conninfo, a service file and its defaults; no password.
  std::map<std::string, std::string> parameters() const;
  // The one this connection used; empty: none.
  std::string password() const;
  // What the server holds against us in a NOTICE or WARNING, since last asked.
  std::vector<std::string> take_warnings();

 private:
  void connect();
  void require_verified() const;
  void require_server() const;
  void send(const std::string& sql, const std::vector<Cell>& parameters);
  // False: not yet. Cancels the statement when interrupted or too late.
  bool ready(Deadline deadline, std::int64_t slice_ms);
  void cancel_and_drain();
  // Until there is something of the answer.
  template <class Tick>
  void await(Deadline deadline, Tick tick, std::int64_t every_ms) {
    Deadline look = Deadline::in_ms(kLookEvery);
    while (!ready(deadline, every_ms)) {
      try {
        tick();
        if (locked_ == Locked::free && look.passed()) {
          end_who_holds_up();
          look = Deadline::in_ms(kLookEvery);
        }
      } catch (...) {
        cancel_and_drain();
        throw;
      }
    }
  }
  // PostgreSQL refuses to change what another session changed since it looked
  // ("tuple concurrently updated", for which it has no SQLSTATE), instead of
  // looking again. Outside a transaction the statement did nothing.
  template <class Statement>
  auto again_if_changed(Statement statement) {
    const bool alone = !in_transaction();
    for (int attempt = 1;; ++attempt) {
      try {
        return statement();
      } catch (const SqlError& e) {
        if (!alone || attempt == kMostAttempts || !e.was_changed()) throw;
      }
      link_.sleep(kAgainAfter);
    }
  }
  void end_who_holds_up();
  static constexpr std::int64_t kLookEvery = 500;   // ms
  static constexpr int kMostAttempts = 20;
  static constexpr std::int64_t kAgainAfter = 20;   // ms
  Rows collect(const std::string& sql, Deadline deadline,
               const CutColumns& cut = {});
  // Of the next result, waited for; nullptr: there is none.
  PGresult* next_result(Deadline deadline);
  void require_room(const std::string& sql, std::size_t rows,
                    std::size_t bytes);
  // Without the secrets that the link hides, then cut.
  std::string hidden(const char* text) const;
  SqlError error_of(const std::string& sql, const PGresult* result);
  // The statement to send in its place, so that the server cuts every text.
  const CutColumns& bounded(const std::string& sql, Deadline deadline);
  std::vector<bool> variable_columns(const std::string& sql,
                                     Deadline deadline);
  void lose();
  [[noreturn]] void not_let_in() const;
  [[noreturn]] void away(const std::string& what) const;

  std::string where_;
  Conninfo conninfo_;
  std::string application_name_;
  Locked locked_;
  Link& link_;
  PgConnection connection_;
  std::unique_ptr<std::vector<std::string>> warnings_;
  std::map<std::string, CutColumns> bounded_;  // by what was asked
  std::unique_ptr<Connection> second_;  // while this one waits
};

}  // namespace berth::worker
