// SPDX-License-Identifier: GPL-2.0-or-later
// history/SERVER.jsonl: the truth about holds and configurations, newest last;
// history/applications/APP.jsonl the same for jobs without a server, and
// history/clusters/CLUSTER.jsonl for those without an application either.
// berthd alone writes.
//
//   {"version":1,"server":"qa1"}
//   {"seq":1,"at":RFC3339,"event":"reserved","user":U,"detail":"...",
//    "cause":{"token":T},"hold":{...},"configuration":null}
//   {"seq":2,...,"event":"built",...,"cause":{"job":12},...,"job":{...}}
//
// Every line carries the complete resulting hold and configuration, so the
// last good line is the state. One line is one write and one fsync. Before
// appending, the file is cut back to its last newline; a reader ignores an
// unterminated tail and skips, but counts, a line it cannot read. A line is
// 64 KiB at most. Rotated by year at a line's boundary into SERVER.YEAR.jsonl;
// the new file starts with the last state.
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

// The events that end no job; those that do are in the rows of
// model/job_kind.hpp. `build_moved`: a build went on to another server.
// `reverted`: a build set the server back to a snapshot and went on.
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
  std::int64_t seq = 0;  // filled in by append
  Instant at = 0;
  std::string event;     // text: other versions have others, shown as they are
  std::string user;
  std::string detail;
  std::string cause_token;                 // one of the two is set
  std::optional<std::int64_t> cause_job;
  std::optional<Hold> hold;
  std::optional<Configuration> configuration;
  json::value job;  // summary of the job that ended (contract: GET history)
};
BOOST_DESCRIBE_STRUCT(HistoryLine, (), (at, event, user, detail))

json::object to_json(const HistoryLine& line);
HistoryLine history_line_from_json(const json::value& value);
// Whether append takes it.
bool fits(const HistoryLine& line);

class History {
 public:
  // `subject` is a server's, an application's or a cluster's name.
  History(const Dir& dir, std::string subject);

  // Durable on return; gives the number. Idempotent by cause: a line with the
  // same cause and event is not written again, its number is returned.
  std::int64_t append(HistoryLine line);
  // The last good line, nullopt for a new subject.
  const std::optional<HistoryLine>& last() const { return last_; }
  bool has_cause(const HistoryLine& line) const;
  // Of all its lines; 0 when no job caused any.
  std::int64_t highest_job() const { return highest_job_; }

 private:
  void load();
  void rotate(Instant now);
  const Dir& dir_;
  std::string subject_;
  std::optional<HistoryLine> last_;
  std::vector<std::string> causes_;  // of the recent lines, newest last
  std::int64_t highest_job_ = 0;
};

// The raw lines (JSON text without newline) of a subject, newest first, with
// seq < before when given, at most limit; reads little more. For the web.
std::vector<std::string> read_history(const Dir& dir,
                                      const std::string& subject,
                                      std::size_t limit,
                                      std::optional<std::int64_t> before);

// The same lines, newest first over all years, until `wants` says no. With
// `before`, what is far behind that number is not read; lines near it can still
// have greater ones.
void walk_history(const Dir& dir, const std::string& subject,
                  const std::function<bool(const std::string&)>& wants,
                  std::optional<std::int64_t> before = std::nullopt);

// Subjects that have a history.
std::vector<std::string> list_histories(const Dir& dir);

}  // namespace berth
