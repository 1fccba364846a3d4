// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/connection.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/conninfo.hpp"
#include "base/text.hpp"
#include "worker/cluster/connection_help.hpp"
#include "worker/cluster/cut_columns.hpp"
#include "worker/cluster/local_server.hpp"
#include "worker/cluster/locked_database.hpp"
#include "worker/cluster/sqlstate.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kConnect = 15;     // seconds
constexpr std::int64_t kConnectSoon = 3;  // when several databases are tried
constexpr std::int64_t kSlow = 1000;  // ms; a database without locks is faster
constexpr std::int64_t kQueryCancelGrace = 20 * 1000;
constexpr std::size_t kShownSql = 60;
constexpr std::size_t kMostWarnings = 100;
constexpr std::size_t kLongestWarning = 2000;   // bytes
constexpr std::size_t kLongestCause = 2000;     // bytes, of an error's texts
constexpr std::size_t kLongestWords = 64 << 10;
constexpr std::size_t kMasked = 16 << 10;       // bytes, before shortening
constexpr std::size_t kMostBounded = 200;       // statements remembered

// Joins the lines of a libpq message: Berth's messages are one line each.
std::string in_one_line(const char* text) {
  std::string out;
  for (const char* at = text ? text : ""; *at; ++at) {
    const bool blank = *at == '\n' || *at == '\t' || *at == ' ';
    if (!blank) {
      out.push_back(*at);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// A server's message can be as long as its author likes, and may quote data.
std::string cut_text(const char* text, std::size_t most) {
  if (!text) return "";
  std::size_t size = ::strnlen(text, most);
  // Do not cut within a character.
  while (size == most && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
    --most;
    --size;
  }
  return std::string(text, size);
}

std::string error_field(const PGresult* result, int which) {
  return cut_text(PQresultErrorField(result, which), kLongestCause);
}

bool is_select(const std::string& sql) { return sql.starts_with("SELECT "); }

// "ALTER DATABASE": the beginning of a statement, without any values.
std::string verb_of(const std::string& sql) {
  std::string out = sql.substr(0, sql.find_first_of("\"'\n"));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return printable(out, kShownSql);
}

struct Clear {
  void operator()(PGresult* r) const { PQclear(r); }
};
using ResultPointer = std::unique_ptr<PGresult, Clear>;

void keep_warning(void* list, const PGresult* result) {
  auto* warnings = static_cast<std::vector<std::string>*>(list);
  const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (text && warnings->size() < kMostWarnings) {
    warnings->push_back(cut_text(text, kLongestWarning));
  }
}

struct FreeText {
  void operator()(char* c) const { PQfreemem(c); }
};

}  // namespace

Connection::Connection(const std::string& where, const Conninfo& conninfo,
                       const std::string& application_name, Link& link,
                       const std::string& database, const std::string& user,
                       const SessionSettings& settings, Locked locked)
    : where_(where),
      conninfo_(conninfo),
      application_name_(application_name),
      locked_(locked),
      link_(link),
      warnings_(std::make_unique<std::vector<std::string>>()) {
  SessionSettings all = {{"search_path", "pg_catalog,pg_temp"},
                         {"lock_timeout", "10s"},
                         {"client_min_messages", "warning"}};
  all.insert(all.end(), settings.begin(), settings.end());
  connection_ =
      begin_connection(conninfo, application_name, database, user, all);
  if (!connection_) throw Error("connect to", where, "out of memory");
  if (!conninfo.insecure) require_verified();
  PQsetNoticeReceiver(connection_.get(), keep_warning, warnings_.get());
  connect();
  if (PQsetnonblocking(connection_.get(), 1) != 0) away("connect to");
  // The server then notices that this process died, and ends its statement. The
  // interval is so short because the same timer's signal also ends the 100 ms
  // sleep of a RENAME, during which everybody is locked out, before it checks
  // again whether the last session has ended (CountOtherDBBackends). Releases
  // before 14 do not have the setting and would refuse a session that begins
  // with it.
  if (version() >= 140000) run("SET client_connection_check_interval = 10");
}

std::string Connection::option(const char* keyword) const {
  std::string out;
  PQconninfoOption* all = PQconninfo(connection_.get());
  for (const PQconninfoOption* o = all; o && o->keyword; ++o) {
    if (std::string(o->keyword) == keyword && o->val) out = o->val;
  }
  PQconninfoFree(all);
  return out;
}

std::string Connection::tls() const {
  if (!PQsslInUse(connection_.get())) return "";
  const char* version = PQsslAttribute(connection_.get(), "protocol");
  return version ? version : "TLS";
}

// At this point libpq has at most requested a connection; it has sent nothing
// to whoever answers.
void Connection::require_verified() const {
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return;
  const std::string why =
      why_unverified({{"host", option("host")},
                      {"hostaddr", option("hostaddr")},
                      {"sslmode", option("sslmode")}});
  if (why.empty()) return;
  throw Error("connect to", where_,
              "conninfo " + why +
                  "; add sslmode=verify-full and sslrootcert=FILE to conninfo "
                  "or its service file, or set insecure = true in berth.conf");
}

void Connection::connect() {
  const std::int64_t patience =
      locked_ == Locked::free ? kConnect : kConnectSoon;
  const Deadline deadline = Deadline::in_s(patience);
  Deadline slow = Deadline::in_ms(kSlow);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) not_let_in();
  // In verbose mode libpq's text contains the SQLSTATE. libpq reports it in no
  // other way, and the server's message is in the server's language.
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) not_let_in();
    if (deadline.passed()) {
      throw Away("connect to", where_,
                 "timed out after " + std::to_string(patience) + " s");
    }
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    std::vector<pollfd> fds = {{PQsocket(connection_.get()), events, 0}};
    link_.wait(fds, std::min(deadline.left_ms(), kSlow));
    if (fds[0].revents == 0) {
      if (locked_ == Locked::free && slow.passed()) {
        end_who_locks_from_outside(conninfo_, application_name_, link_,
                                   option("dbname"));
        slow = Deadline::in_ms(kSlow);
      }
      continue;
    }
    if (next == PGRES_POLLING_READING && !conninfo_.insecure) require_server();
    next = PQconnectPoll(connection_.get());
  }
  PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
}

void Connection::require_server() const {
  const std::string why = why_not_the_server(
      PQsocket(connection_.get()), option("requirepeer"),
      option("sslmode") == "verify-full");
  if (!why.empty()) throw Away("connect to", where_, why);
}

void Connection::not_let_in() const {
  std::string text = cut_text(PQerrorMessage(connection_.get()), kMasked);
  const std::string sqlstate = take_sqlstate(text);
  throw NotLetIn(where_, hidden(in_one_line(text.c_str()).c_str()), sqlstate);
}

void Connection::away(const std::string& what) const {
  throw Away(what, where_,
             hidden(in_one_line(PQerrorMessage(connection_.get())).c_str()));
}

void Connection::send(const std::string& sql,
                      const std::vector<Cell>& parameters) {
  std::vector<const char*> values;
  for (const Cell& cell : parameters) {
    values.push_back(cell ? cell->c_str() : nullptr);
  }
  if (!PQsendQueryParams(connection_.get(), sql.c_str(),
                         static_cast<int>(values.size()), nullptr,
                         values.data(), nullptr, nullptr, 0)) {
    away(verb_of(sql) + " on");
  }
}

bool Connection::ready(Deadline deadline, std::int64_t slice_ms) {
  const Deadline slice = Deadline::in_ms(slice_ms);
  try {
    while (true) {
      const int unsent = PQflush(connection_.get());
      if (unsent < 0) away("write to");
      // Rows that have been read are returned first: one read per row would
      // fill libpq's buffer faster than the rows empty it, with all that the
      // server has.
      if (unsent == 0 && !PQisBusy(connection_.get())) return true;
      if (!PQconsumeInput(connection_.get())) away("read from");
      if (unsent == 0 && !PQisBusy(connection_.get())) return true;
      if (deadline.passed()) {
        cancel_and_drain();
        throw SqlError("wait for", where_, "the deadline passed", "57014");
      }
      if (slice.passed()) return false;
      const short events =
          static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
      std::vector<pollfd> fds = {{PQsocket(connection_.get()), events, 0}};
      link_.wait(fds, std::min(deadline.left_ms(), slice.left_ms()));
    }
  } catch (const Interrupted&) {
    cancel_and_drain();
    throw;
  }
}

void Connection::end_who_holds_up() {
  try {
    if (!second_ || second_->lost()) {
      second_ = std::make_unique<Connection>(
          where_, conninfo_, application_name_, link_, "", "",
          SessionSettings{}, Locked::wait);
    }
    end_who_blocks(*second_, backend_pid(), option("user"));
  } catch (const Error&) {
    // No further connection is available; the statement's own timeout ends it.
  }
}

void Connection::cancel_and_drain() {
  char why[256] = "";
  PGcancel* cancel = PQgetCancel(connection_.get());
  if (cancel) PQcancel(cancel, why, sizeof why);
  PQfreeCancel(cancel);
  // Waits until the statement has ended, uninterruptible but bounded, so that
  // it is known to be over. Checked between rows, because PQgetResult would
  // wait for the next row without a bound.
  const Deadline grace = Deadline::in_ms(kQueryCancelGrace);
  while (true) {
    while (PQisBusy(connection_.get()) && !grace.passed()) {
      pollfd fd = {PQsocket(connection_.get()), POLLIN, 0};
      ::poll(&fd, 1, 1000);
      if (!PQconsumeInput(connection_.get())) return;
    }
    if (grace.passed()) return lose();
    const ResultPointer result{PQgetResult(connection_.get())};
    if (!result) return;
  }
}

// Gives the connection up by replacing it with one that cannot be made. The
// server ends the statement when it notices.
void Connection::lose() {
  connection_.reset(PQconnectStart("host=/nonexistent"));
}

PGresult* Connection::next_result(Deadline deadline) {
  await(deadline, [] {}, kLookEvery);
  return PQgetResult(connection_.get());
}

void Connection::require_room(const std::string& sql, std::size_t rows,
                              std::size_t bytes) {
  if (rows <= kMostRows && bytes <= kLargestAnswer) return;
  cancel_and_drain();
  throw Error("read the answer to", verb_of(sql) + " on " + where_,
              "it has more than " + std::to_string(kMostRows) +
                  " rows or " + std::to_string(kLargestAnswer >> 20) +
                  " MiB, the limit for lists that Berth reads");
}

std::string Connection::hidden(const char* text) const {
  const std::string masked = link_.mask()(cut_text(text, kMasked));
  return cut_text(masked.c_str(), kLongestCause);
}

SqlError Connection::error_of(const std::string& sql, const PGresult* result) {
  const std::string state = error_field(result, PG_DIAG_SQLSTATE);
  const auto words = [&](int which) {
    return hidden(PQresultErrorField(result, which));
  };
  std::string cause = words(PG_DIAG_MESSAGE_PRIMARY);
  if (cause.empty()) {
    cause = hidden(in_one_line(PQerrorMessage(connection_.get())).c_str());
  }
  const std::string detail = words(PG_DIAG_MESSAGE_DETAIL);
  if (!detail.empty()) cause += " (" + detail + ")";
  const char* user = PQuser(connection_.get());
  const std::string help = what_helps(state, cause, sql, user ? user : "");
  if (!help.empty()) cause += "; " + help;
  return SqlError(verb_of(sql) + " on", where_, cause, state);
}

Rows Connection::collect(const std::string& sql, Deadline deadline,
                         const CutColumns& cut) {
  Rows out;
  std::optional<SqlError> error;
  bool dead = false, text = false;
  std::size_t bytes = 0;
  while (ResultPointer result{next_result(deadline)}) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE) {
      Row row;
      for (int c = 0; c < PQnfields(result.get()); ++c) {
        if (PQfsize(result.get(), c) < 0) text = true;
        if (PQgetisnull(result.get(), 0, c)) {
          row.emplace_back();
        } else {
          row.emplace_back(cut.cell(c, PQgetvalue(result.get(), 0, c)));
          bytes += row.back()->size();
        }
      }
      out.push_back(std::move(row));
      require_room(sql, out.size(), bytes);
    } else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      error = error_of(sql, result.get());
      // No SQLSTATE: libpq reports a broken connection. Class 57P0: the server
      // announces that it ends this session, then closes the connection.
      dead = error->sqlstate().empty() || error->sqlstate().starts_with("57P0");
    }
  }
  if (error && (dead || lost())) {
    throw Away(error->action(), error->subject(), error->cause());
  }
  if (error) throw SqlError(*error);
  if (lost()) away(verb_of(sql) + " on");
  // SHOW is allowed because PostgreSQL's own settings are short.
  if (text && !is_select(sql) && !sql.starts_with("SHOW ")) {
    throw Error("read the answer to", verb_of(sql) + " on " + where_,
                "only a SELECT or SHOW may return text, because the text is "
                "cut");
  }
  return out;
}

std::vector<bool> Connection::variable_columns(const std::string& sql,
                                               Deadline deadline) {
  if (!PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr)) {
    away(verb_of(sql) + " on");
  }
  collect(sql, deadline);
  if (!PQsendDescribePrepared(connection_.get(), "")) {
    away(verb_of(sql) + " on");
  }
  std::vector<bool> out;
  while (ResultPointer result{next_result(deadline)}) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      const SqlError error = error_of(sql, result.get());
      while (ResultPointer rest{next_result(deadline)}) {
      }
      if (lost()) throw Away(error.action(), error.subject(), error.cause());
      throw SqlError(error);
    }
    for (int c = 0; c < PQnfields(result.get()); ++c) {
      out.push_back(PQfsize(result.get(), c) < 0);
    }
  }
  return out;
}

const CutColumns& Connection::bounded(const std::string& sql,
                                      Deadline deadline) {
  const auto known = bounded_.find(sql);
  if (known != bounded_.end()) return known->second;
  CutColumns cut(sql, variable_columns(sql, deadline));
  if (bounded_.size() >= kMostBounded) bounded_.clear();
  return bounded_.insert_or_assign(sql, std::move(cut)).first->second;
}

Rows Connection::query(const std::string& sql,
                       const std::vector<Cell>& parameters,
                       Deadline deadline) {
  return again_if_changed([&] {
    const CutColumns cut =
        is_select(sql) ? bounded(sql, deadline) : CutColumns();
    send(cut.sql().empty() ? sql : cut.sql(), parameters);
    PQsetSingleRowMode(connection_.get());
    return collect(sql, deadline, cut);
  });
}

Executed Connection::execute(const std::string& sql, Deadline deadline) {
  send(sql, {});
  PQsetSingleRowMode(connection_.get());  // rows are counted, not kept
  Executed out;
  while (const ResultPointer result{next_result(deadline)}) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE) {
      ++out.rows;
    } else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
      out.tag = PQcmdStatus(result.get());
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
               status == PGRES_COPY_BOTH) {
      out.copy = true;
      lose();
      return out;
    } else if (status != PGRES_EMPTY_QUERY) {
      out.sqlstate = error_field(result.get(), PG_DIAG_SQLSTATE);
      if (out.sqlstate.empty() || out.sqlstate.starts_with("57P0")) {
        throw Away("run a statement on", where_, "the connection was lost");
      }
      out.position = std::atoi(
          error_field(result.get(), PG_DIAG_STATEMENT_POSITION).c_str());
      const std::unique_ptr<char, FreeText> words(PQresultVerboseErrorMessage(
          result.get(), PQERRORS_VERBOSE, PQSHOW_CONTEXT_ALWAYS));
      out.words = cut_text(words.get(), kLongestWords);
    }
  }
  if (lost()) {
    throw Away("run a statement on", where_, "the connection was lost");
  }
  return out;
}

std::string Connection::identifier(const std::string& name) const {
  const std::unique_ptr<char, FreeText> quoted(
      PQescapeIdentifier(connection_.get(), name.data(), name.size()));
  if (!quoted) throw Error("quote", printable(name), "it is not a valid name");
  return quoted.get();
}

std::string Connection::literal(const std::string& text) const {
  const std::unique_ptr<char, FreeText> quoted(
      PQescapeLiteral(connection_.get(), text.data(), text.size()));
  if (!quoted) throw Error("quote", printable(text), "it is not valid text");
  return quoted.get();
}

std::map<std::string, std::string> Connection::parameters() const {
  std::map<std::string, std::string> out;
  PQconninfoOption* all = PQconninfo(connection_.get());
  for (const PQconninfoOption* o = all; o && o->keyword; ++o) {
    if (o->val && *o->val && std::string(o->keyword) != "password") {
      out[o->keyword] = o->val;
    }
  }
  PQconninfoFree(all);
  return out;
}

std::string Connection::password() const {
  const char* text = PQpass(connection_.get());
  return text ? text : "";
}

std::vector<std::string> Connection::take_warnings() {
  std::vector<std::string> out = std::exchange(*warnings_, {});
  for (std::string& warning : out) warning = link_.mask()(warning);
  return out;
}

}  // namespace berth::worker
