// SPDX-License-Identifier: GPL-2.0-or-later
// history/SERVER.jsonl: the authoritative record of holds and configurations,
// newest last; history/applications/APP.jsonl is the same for jobs without a
// server, and history/clusters/CLUSTER.jsonl for jobs without an application
// either. Only berthd writes them.
//
//   {"version":1,"server":"qa1"}
//   {"seq":1,"at":RFC3339,"event":"reserved","user":U,"detail":"...",
//    "cause":{"token":T},"hold":{...},"configuration":null}
//   {"seq":2,...,"event":"built",...,"cause":{"job":12},...,"job":{...}}
//
// Every line has the complete resulting hold and configuration, so the last
// valid line is the state. One line is one write and one fsync. Before an
// append the file is truncated to its last newline; a reader ignores an
// incomplete last line, and skips but counts an unreadable one. A line has at
// most 64 KiB. Each year the file is rotated at the end of a line into
// SERVER.YEAR.jsonl; the new file starts with the last state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/described.hpp"
#include "base/dir.hpp"
#include "model/configuration.hpp"
#include "model/hold.hpp"

namespace berth {

// The events that end no job; those that do are in model/job_kind.hpp.
// `build_moved`: a build moved on to another server. `reverted`: a build
// reverted the server to a snapshot and continued.
enum class Event {
  reserved, extended, released, expired, taken_over, build_moved, reverted
};
constexpr const char* to_text(Event event) {
  constexpr const char* texts[] = {"reserved",    "extended",   "released",
                                   "expired",     "taken_over", "build_moved",
                                   "reverted"};
  return texts[static_cast<std::size_t>(event)];
}

struct HistoryLine {
  std::int64_t seq = 0;  // set by append()
  Instant at = 0;
  std::string event;     // text, because other versions have others
  std::string user;
  std::string detail;
  std::string cause_token;                 // or cause_job: exactly one is set
  std::optional<std::int64_t> cause_job;
  std::optional<Hold> hold;
  std::optional<Configuration> configuration;
  json::value job;  // summary of the ended job (GET history)
};
BOOST_DESCRIBE_STRUCT(HistoryLine, (), (at, event, user, detail))

json::object to_json(const HistoryLine& line);
HistoryLine history_line_from_json(const json::value& value);
// Whether append() accepts it.
bool fits(const HistoryLine& line);

class History {
 public:
  // `subject` is the name of a server, an application or a cluster.
  History(const Dir& dir, std::string subject);

  // Durable on return; returns the number. Idempotent by cause: a line with the
  // same cause and event is not written again, and its number is returned.
  std::int64_t append(HistoryLine line);
  // The last valid line; nullopt for a new subject.
  const std::optional<HistoryLine>& last() const { return last_; }
  bool has_cause(const HistoryLine& line) const;
  // Of all its lines; 0 if no job caused any.
  std::int64_t highest_job() const { return highest_job_; }

 private:
  void load();
  void rotate(Instant now);
  const Dir& dir_;
  std::string subject_;
  std::optional<HistoryLine> last_;
  std::vector<std::string> causes_;  // of recent lines, newest last
  std::int64_t highest_job_ = 0;
};

// The raw lines (JSON text without newline) of a subject, newest first, at most
// `limit`, with seq < before if that is given; reads little more than these.
// For the web side.
std::vector<std::string> read_history(const Dir& dir,
                                      const std::string& subject,
                                      std::size_t limit,
                                      std::optional<std::int64_t> before);

// The same lines, newest first over all years, until `wants` returns false.
// With `before`, lines far after that number are not read; lines near it may
// still have greater numbers.
void walk_history(const Dir& dir, const std::string& subject,
                  const std::function<bool(const std::string&)>& wants,
                  std::optional<std::int64_t> before = std::nullopt);

// What a server carries by its newest good line; with `seq`, by the newest up
// to that number.
std::optional<Configuration> configuration_at(
    const Dir& dir, const std::string& server,
    std::optional<std::int64_t> seq = std::nullopt);

// Subjects that have a history.
std::vector<std::string> list_histories(const Dir& dir);

}  // namespace berth
