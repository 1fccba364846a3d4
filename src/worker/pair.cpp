// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/pair.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "base/child.hpp"
#include "base/programs.hpp"
#include "worker/on_host.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kUndoGrace = 40 * 1000;
constexpr std::int64_t kOpenTime = 30;  // seconds, to connect to a host
constexpr int kLockDescriptor = 4;

struct Running {
  std::string step;
  Fd socket;
  std::optional<Child> child;
  std::optional<json::object> end;
  std::vector<std::string> asked;  // questions passed up, not yet answered
  bool open = false;               // a step on a host: it is connected
  bool told = false;               // the same: it began to change something
};

Running start(const std::string& step,
              const std::vector<std::string>& command, int lock_fd) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_errno("make a socket for", step);
  }
  Running out;
  out.step = step;
  out.socket = Fd(ends[0]);
  const Fd theirs(ends[1]);
  ChildOptions options;
  options.pass = {{3, theirs.get()}, {kLockDescriptor, lock_fd}};
  out.child = Child::start(command, options);
  return out;
}

std::string answer_text(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

class Pair {
 public:
  // `ends`: the journal is told of the steps' good ends, too. `grace_ms`: how
  // long they get to undo what they began.
  Pair(std::vector<Running> running, Link& link, Journal& journal,
       bool ends = true, std::int64_t grace_ms = kUndoGrace)
      : running_(std::move(running)),
        link_(link),
        journal_(journal),
        ends_(ends),
        grace_ms_(grace_ms) {}

  void run() {
    while (alive()) {
      try {
        round(1000);
      } catch (const Interrupted& why) {
        stop(why.why == Interrupted::Why::cancel ? "cancel" : "stop");
        throw;
      }
      if (failed_) return stop("cancel");
    }
  }

  // A step on a host: false when it was killed because the host, or all of it,
  // took too long.
  bool run_until(Deadline open, Deadline deadline) {
    while (alive()) {
      const Deadline& end = running_[0].open ? deadline : open;
      if (end.passed()) {
        stop("cancel");
        return false;
      }
      try {
        round(std::min<std::int64_t>(1000, end.left_ms()));
      } catch (const Interrupted&) {
        stop("cancel");
        throw;
      }
    }
    return true;
  }

  // The first: the others were only stopped because of it.
  const Running* failed() const {
    return failed_ ? &running_.at(*failed_) : nullptr;
  }
  std::vector<Running>& all() { return running_; }

 private:
  bool alive() const {
    return std::any_of(running_.begin(), running_.end(),
                       [](const Running& r) { return bool(r.socket); });
  }

  std::vector<pollfd> sockets() const {
    std::vector<pollfd> out;
    for (const Running& r : running_) {
      if (r.socket) out.push_back({r.socket.get(), POLLIN, 0});
    }
    return out;
  }

  void round(std::int64_t timeout_ms) {
    std::vector<pollfd> fds = sockets();
    link_.wait(fds, timeout_ms);
    read(fds);
    for (const json::object& answer : link_.take_answers()) pass_down(answer);
  }

  void read(const std::vector<pollfd>& fds) {
    for (const pollfd& ready : fds) {
      if (ready.revents == 0) continue;
      for (Running& r : running_) {
        if (!r.socket || r.socket.get() != ready.fd) continue;
        const Packet packet = receive_packet(ready.fd);
        if (packet.object) take(r, *packet.object);
        if (packet.end) ended(r);
      }
    }
  }

  void set_end(Running& r, const json::object& end) {
    r.end = end;
    const auto* ok = end.if_contains("ok");
    if ((!ok || *ok != json::value(true)) && !failed_) {
      failed_ = static_cast<std::size_t>(&r - running_.data());
    }
  }

  void take(Running& r, const json::object& packet) {
    if (const auto* log = packet.if_contains("log"); log && log->is_string()) {
      journal_.log_for(r.step, std::string(log->as_string()));
    } else if (const auto* progress = packet.if_contains("progress");
               progress && progress->is_object()) {
      journal_.progress_for(r.step,
                            progress_from_json(progress->as_object()));
    } else if (const auto* end = packet.if_contains("end");
               end && end->is_object()) {
      set_end(r, end->as_object());
      const auto* ok = r.end->if_contains("ok");
      if (ends_ && ok && *ok == json::value(true)) {
        const auto* note = r.end->if_contains("note");
        journal_.end(r.step, "done", answer_text(*r.end, "message"),
                     note ? *note : json::value(nullptr));
      }
    } else if (packet.contains("ask")) {
      const std::string what = answer_text(packet, "ask");
      r.asked.push_back(what);
      if (link_.by_hand()) {
        pass_down({{"answer", what}, {"go", true}});
      } else {
        link_.send(packet);
      }
    } else if (packet.contains("give")) {
      link_.send(packet);
    } else if (packet.contains("open")) {
      r.open = true;
    } else if (packet.contains("told")) {
      if (!r.told) journal_.note_for(r.step, {{"told", true}});
      r.told = true;
      // What must not be cut off is waited for, as the child does.
      if (packet.contains("whole")) link_.shield();
    }
  }

  void pass_down(const json::object& answer) {
    const std::string what = answer_text(answer, "answer");
    for (Running& r : running_) {
      if (std::erase(r.asked, what) == 0 || !r.socket) continue;
      send_packet(r.socket.get(), answer);
      return;
    }
  }

  void ended(Running& r) {
    r.socket.close();
    const auto status = r.child->wait(grace_ms_ + 1000);
    if (r.end) return;
    set_end(r, {{"ok", false},
                {"message",
                 "its process ended without a word, " +
                     (status ? status->text() : "or would not end")}});
  }

  // Whatever comes while they undo is written down; nothing interrupts.
  void stop(const char* word) {
    for (const Running& r : running_) {
      if (r.socket) send_packet(r.socket.get(), {{word, true}});
    }
    const Deadline grace = Deadline::in_ms(grace_ms_);
    while (alive() && !grace.passed()) {
      std::vector<pollfd> fds = sockets();
      ::poll(fds.data(), fds.size(), 500);
      read(fds);
    }
    for (Running& r : running_) {
      if (r.socket) r.child->stop(1000);
    }
  }

  std::vector<Running> running_;
  std::optional<std::size_t> failed_;
  Link& link_;
  Journal& journal_;
  bool ends_;
  std::int64_t grace_ms_;
};

}  // namespace

std::vector<json::value> run_steps(const std::vector<std::string>& steps,
                                   const Context& context, Journal& journal,
                                   const std::string& job_file, int lock_fd) {
  std::vector<Running> running;
  for (const std::string& step : steps) journal.begin(step);
  for (const std::string& step : steps) {
    running.push_back(start(step,
                            {"/proc/self/exe", "--config",
                             context.config.file, "step", step, job_file},
                            lock_fd));
  }
  Pair pair(std::move(running), context.link, journal);
  pair.run();
  if (const Running* bad = pair.failed()) {
    throw StepFailed(bad->step, answer_text(*bad->end, "message"));
  }
  std::vector<json::value> notes;
  for (const Running& r : pair.all()) {
    const auto* note = r.end->if_contains("note");
    notes.push_back(note ? *note : json::value(nullptr));
  }
  return notes;
}

StepDone run_on_host(const Context& context, Journal& journal, int lock_fd,
                     const HostWork& work, bool& told) {
  const HostConfig& host = work.host;
  const std::string where = "host " + host.name + " (" + host.uri + ")";
  std::vector<Running> running;
  running.push_back(
      start(work.in,
            {program_path("berth-hypervisor"), "--config", context.config.file,
             host.name, work.step, std::to_string(work.seconds),
             json::serialize(work.arguments)},
            lock_fd));
  // It has nothing to undo; a call that hangs ends with its process only.
  Pair pair(std::move(running), context.link, journal, false, 0);
  const Running& it = pair.all()[0];
  const bool was_shielded = context.link.shielded();
  const std::int64_t open = std::min(kOpenTime, work.seconds);
  bool in_time = false;
  try {
    in_time = pair.run_until(Deadline::in_s(open),
                             Deadline::in_s(work.seconds + kHostGrace));
  } catch (const Interrupted&) {
    told = told || it.told;
    throw;
  }
  told = told || it.told;
  if (!was_shielded) context.link.unshield();
  if (!in_time && !it.open) {
    throw Away("reach", where,
               "no answer within " + std::to_string(open) + " s");
  }
  if (!in_time) {
    throw Away("work on", where,
               "it did not answer to the end within " +
                   std::to_string(work.seconds) + " s");
  }
  if (pair.failed()) {
    const auto* away = it.end->if_contains("away");
    const std::string text = answer_text(*it.end, "message");
    if (away && *away == json::value(true)) throw HostAway(text);
    throw StepFailed(work.in, text);
  }
  const auto* note = it.end->if_contains("note");
  return {answer_text(*it.end, "message"), note ? *note : json::value(nullptr)};
}

}  // namespace berth::worker
