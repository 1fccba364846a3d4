// SPDX-License-Identifier: GPL-2.0-or-later
// The only writer of holds, configurations and jobs, on disk first and then in
// the world. Every operation can be interrupted by kill -9 at any point and be
// repeated:
//
//   a receipt's effects   each is identified by its token or job, and skipped
//                         if history, queue or active already has it
//   a job's end           history line (durable), hold released, take-over
//                         carried out, then the job is removed from active/;
//                         a job in active/ with its line gets the rest
//   a requeue             steps are removed first: a job without steps never
//                         started
//   a move to another server   ledger_move.cpp
//
// Throws Error on a disk error; the world is unchanged then, and the caller
// must repeat the same call.
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

  // At start, in this order: load() reads the histories, queue and active into
  // the world; load_transfer() reads the take-overs from the receipts;
  // carry_on() completes the jobs that had ended.
  void load();
  // A take-over that waits for a job; only its receipt records it.
  void load_transfer(const Receipt& receipt);
  // Whether an earlier receipt of the same token has written one of its
  // effects: a new receipt, decided after that one was removed, would write
  // nothing.
  bool has_effects_of(const Receipt& receipt);
  void carry_on();

  // Assigns the next job number and makes it durable. It is higher than every
  // number that was seen, so that a restored older backup assigns none twice.
  std::int64_t next_number();

  void apply(const Receipt& receipt);
  // Queues a job that berthd itself starts.
  void add(const Job& job) { enter(job); }
  void expire(const std::string& server);

  // queue -> active.
  void activate(LiveJob& live);
  void note_worker(LiveJob& live, const StartedBy& by);
  // active -> queue, at its former place. A cancelled job, or one whose server
  // was taken over, ends instead. `counts`: the attempt counts; false for a job
  // that yielded to another.
  void requeue(LiveJob& live, bool counts = true);
  // Ends the job, or requeues it for another server. Throws Error also while no
  // host has reported which servers exist.
  void end(std::int64_t id, const JobResult& result,
           const std::vector<StepRecord>& steps);

  const Dir& active_dir() const { return queue_.active_dir(); }

 private:
  // The histories of one folder, opened when they are needed.
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
  // Whether the job can change a server: the server's history then has its
  // line.
  static bool on_server(const Job& job) {
    return !job.server.empty() && !only_looks(job.kind);
  }
  // A check has no line: its finding is a fact about the server in a file of
  // its own (store/check.hpp), and to repeat it is harmless.
  static bool has_line(const Job& job) { return row_of(job.kind).has_line; }
  History& history_of(const Job& job);
  // The outcome in the job's line, if the line is already written.
  std::optional<Outcome> outcome_of(const Job& job);
  void write(const std::string& server, HistoryLine line);
  // What follows the job's line: hold, take-overs, and removal from active/.
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
  // Whether the job has left the server in its receipt.
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
