// SPDX-License-Identifier: GPL-2.0-or-later
// One libpq connection. It obeys a cancel and a deadline while a statement runs
// (PQcancel, then it waits for the statement's end), and it builds SQL from
// names and texts only through PQescapeIdentifier and PQescapeLiteral.
//
// A lost connection throws Away: whether its last statement took effect is
// unknown. Any other failure throws SqlError, and the statement did nothing.
//
// Sessions of other roles that a statement waits for are ended, as far as Berth
// may end them (locked_database.hpp), because any role that may log in can lock
// any database, or its row, and keep the lock.
//
// Others control what a cluster contains - the owner of a database can give it
// a comment of 200 MiB - so query() limits it: the server cuts every text to
// kLongestCell bytes before it sends it (cut_columns.hpp), and a result of more
// than kMostRows rows or kLargestAnswer bytes is an Error. The result is never
// shortened instead, because the caller would take what is missing for what
// does not exist. A limit in each statement was rejected, because the next
// statement would lack it. No client can limit the text of a NOTICE or an
// error, which SQL of a database can raise: bound_memory() in main ends the
// connection (Away) before the machine runs out of memory.
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
  // Another session changed the same catalog row at the same time.
  bool was_changed() const {
    return sqlstate_ == "XX000" &&
           cause().find("tuple concurrently") != std::string::npos;
  }

 private:
  std::string sqlstate_;
};

// The server answered and refused the connection. The SQLSTATE is empty if no
// server answered.
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

// The value of a cell; for NULL 0, an empty text or false.
inline std::int64_t cell_number(const Cell& cell) {
  return cell ? std::stoll(*cell) : 0;
}
inline std::string cell_text(const Cell& cell) {
  return cell.value_or("");
}
inline bool cell_yes(const Cell& cell) {
  return cell == Cell("t");
}

// The result of a statement that somebody else wrote.
struct Executed {
  std::string tag;        // "UPDATE 120000"
  std::int64_t rows = 0;  // the number of rows returned; they are not kept
  std::string sqlstate;   // empty: success; else the statement did nothing
  int position = 0;       // of the error, in characters from 1; 0: unknown
  std::string words;      // the whole error message; it may quote rows
  bool copy = false;      // a COPY from or to the client; now lost()
};

class Connection {
 public:
  // Throws Error before anything is sent if the server's identity would not be
  // checked, according to conninfo, service file and environment together.
  // Throws Away when the server cannot be reached or another account answers on
  // this machine (local_server.hpp), NotLetIn when it answers and refuses.
  // Empty `database` and `user` mean those of conninfo.
  //
  // Names without a schema are PostgreSQL's own, whatever the database
  // contains: its owner may have created a pg_relation_size whose types fit
  // better. RESET returns to that search_path and to `settings` (startup.hpp).
  // If others lock the database, they are ended (locked_database.hpp); with
  // Locked::wait the attempt is given up soon instead.
  enum class Locked { free, wait };
  Connection(const std::string& where, const Conninfo& conninfo,
             const std::string& application_name, Link& link,
             const std::string& database = "", const std::string& user = "",
             const SessionSettings& settings = {},
             Locked locked = Locked::free);

  // Runs one statement with text parameters $1, $2, ... Only a SELECT, whose
  // texts are cut, and a SHOW may return text; any other statement that does
  // (RETURNING) is an Error.
  Rows query(const std::string& sql, const std::vector<Cell>& parameters = {},
             Deadline deadline = Deadline::in_s(30));
  void run(const std::string& sql, Deadline deadline = Deadline::in_s(30)) {
    query(sql, {}, deadline);
  }
  // Runs one statement whose errors and rows are confidential: exceptions for a
  // lost connection or a deadline quote nothing. The statement is sent
  // unchanged, so a row can be as large as PostgreSQL allows, 1 GiB. Only one
  // row is held at a time, and bound_memory() in main limits the memory.
  Executed execute(const std::string& sql, Deadline deadline);
  // tick() is called every `every_ms` while the statement runs.
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
  // The effective value of a conninfo keyword; empty: none.
  std::string option(const char* keyword) const;
  // "TLSv1.3"; empty without TLS.
  std::string tls() const;
  bool lost() const { return PQstatus(connection_.get()) != CONNECTION_OK; }
  // The values that libpq took from conninfo, service file and defaults,
  // without the password.
  std::map<std::string, std::string> parameters() const;
  // The password that this connection used; empty: none.
  std::string password() const;
  // The NOTICEs and WARNINGs received since the last call.
  std::vector<std::string> take_warnings();

 private:
  void connect();
  void require_verified() const;
  void require_server() const;
  void send(const std::string& sql, const std::vector<Cell>& parameters);
  // False: the result is not ready. Cancels the statement on an interrupt or
  // when the deadline passes.
  bool ready(Deadline deadline, std::int64_t slice_ms);
  void cancel_and_drain();
  // Waits until part of the result has arrived.
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
  // PostgreSQL refuses to change a catalog row that another session changed
  // meanwhile ("tuple concurrently updated", which has no SQLSTATE of its own),
  // instead of reading it again. Outside a transaction the statement did
  // nothing and can be repeated.
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
  // Waits for the next result; nullptr: there is none.
  PGresult* next_result(Deadline deadline);
  void require_room(const std::string& sql, std::size_t rows,
                    std::size_t bytes);
  // Masks the text, then shortens it.
  std::string hidden(const char* text) const;
  SqlError error_of(const std::string& sql, const PGresult* result);
  // The statement to send instead, in which the server cuts every text.
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
  std::map<std::string, CutColumns> bounded_;  // by the original statement
  std::unique_ptr<Connection> second_;  // used while this one is waiting
};

}  // namespace berth::worker
