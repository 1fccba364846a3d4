// SPDX-License-Identifier: GPL-2.0-or-later
// The one hand that writes truth: holds, configurations and jobs, on disk
// first and then in the world. Every act here can be cut off by kill -9
// anywhere and be done again:
//
//   a receipt's effects   each is known by its token or job, and skipped when
//                         history, queue or active has it already
//   a job's end           history line (durable), hold given back, take-over
//                         carried out, then the job leaves active/; a job in
//                         active/ whose line is there is only carried on from
//   a requeue             steps go first: a job without steps never started
//   a move to another server   ledger_move.cpp
//
// Throws Error when the disk refuses; the world is unchanged then, and the
// same call is to be made again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/world/world.hpp"
#include "store/history.hpp"
#include "store/layout.hpp"
#include "store/queue.hpp"
#include "store/receipt.hpp"
#include "store/sequence.hpp"

namespace berth::runner {

class Ledger {
 public:
  Ledger(const Layout& layout, World& world);

  // At start, in this order: histories, queue and active into the world; the
  // take-overs that receipts tell of; then carry_on() ends what had ended.
  void load();
  // Take-overs that wait for a job: said by receipts only.
  void load_transfer(const Receipt& receipt);
  // Whether an earlier receipt of the same token has written one of them: a new
  // one, decided after that was swept, would write nothing.
  bool has_effects_of(const Receipt& receipt);
  void carry_on();

  // The next job's number, durable. Higher than every number that was seen:
  // a restored older backup gives none out again.
  std::int64_t next_number();

  void apply(const Receipt& receipt);
  // A job of berthd's own: straight into the queue.
  void add(const Job& job) { enter(job); }
  void expire(const std::string& server);

  // queue -> active.
  void activate(LiveJob& live);
  void note_worker(LiveJob& live, const StartedBy& by);
  // active -> queue, at its place. A cancelled or taken-over job ends instead.
  // `counts`: as an attempt; not for a job that made way for another.
  void requeue(LiveJob& live, bool counts = true);
  // The job is done, or goes back to the queue for another server. Throws
  // Error also while no host has said which servers there are.
  void end(std::int64_t id, const JobResult& result,
           const std::vector<StepRecord>& steps);

  const Dir& active_dir() const { return queue_.active_dir(); }

 private:
  // The histories of one folder, opened as they are needed.
  struct Histories {
    explicit Histories(const std::string& path) : dir(path) {}
    Dir dir;
    std::map<std::string, History> open;
    History& of(const std::string& subject) {
      return open.try_emplace(subject, dir, subject).first->second;
    }
  };
  struct Transfer {
    std::string token, user, server, detail;
    Hold hold;
  };
  using Ended = std::map<std::int64_t, HistoryLine>;
  void load_server(const std::string& subject, Ended& ended);
  void load_application(const std::string& subject, Ended& ended);
  void load_tail(const Histories& all, const std::string& subject,
                 Ended& ended);
  void load_jobs();
  void load_log_names();
  void load_checks();
  void take_check(const Job& job, Outcome outcome);
  void forget_check(const std::string& server);
  void apply_hold(const Receipt& receipt, const json::object& effect);
  void enter(const Job& job);
  void apply_cancel(const json::object& effect);
  void apply_drain(bool on);
  // It can change a server, whose history has its line then.
  static bool on_server(const Job& job) {
    return !job.server.empty() && !only_looks(job.kind);
  }
  // A check leaves no line: what it found is a fact about the server, in a
  // file of its own (store/check.hpp), and one that is done twice is harmless.
  static bool has_line(const Job& job) { return row_of(job.kind).has_line; }
  History& history_of(const Job& job);
  // Its outcome when its line is written already.
  std::optional<Outcome> outcome_of(const Job& job);
  void write(const std::string& server, HistoryLine line);
  // What follows a job's line: the hold, take-overs, and out of active/.
  void conclude(const Job& job, Outcome outcome);
  void shorten(HistoryLine& line) const;
  void carry_on(std::int64_t id);
  void show_base(const Job& job, const MadeBase& made);
  std::optional<Configuration> configuration_after(const Job& job,
                                                   const Reverted& reverted);
  void note_reverted(const Job& job, const Reverted& reverted);
  void give_back(const Job& job, Outcome outcome);
  bool end_made_hold(const Job& job, const JobResult& result,
                     const std::vector<StepRecord>& steps,
                     HistoryLine& line) const;
  bool go_on_elsewhere(const Job& job, const JobResult& result,
                       const std::vector<StepRecord>& steps);
  bool take_for(const Job& job, const std::string& next);
  void move(LiveJob& live, const std::string& next, const JobResult& result);
  // From the server that its receipt gave it.
  bool has_moved(const Job& job);
  bool was_faulty(const std::string& server) const;
  void carry_out(const Transfer& transfer);
  void learn(const HistoryLine& line);
  void remember(const HistoryLine& line);

  World& world_;
  Dir lib_;
  Histories servers_;
  Histories applications_;
  Histories clusters_;
  Dir checks_;
  Queue queue_;
  std::string log_;
  std::optional<Sequence> sequence_;
  std::map<std::int64_t, std::vector<Transfer>> transfers_;
};

}  // namespace berth::runner
