// SPDX-License-Identifier: GPL-2.0-or-later
// One drop while it is decided: the drop, what berthd knows, and the receipt
// that comes of it. The rules are in decide_*.cpp, and actions.cpp says which
// function decides what.
#pragma once

#include <optional>
#include <string>

#include "runner/decide/decide.hpp"
#include "store/history.hpp"

namespace berth::runner {

class Request {
 public:
  Request(const World& world_in, const Drop& drop_in);

  const World& world;
  const Drop& drop;
  bool admin;       // by the config, or berthctl
  Receipt receipt;

  Receipt refuse(int status, std::string detail);
  Receipt refuse_draining();
  Receipt accept(int status, std::string detail);
  // 409 for a server that somebody else has: holder, until, what is free.
  Receipt held(const std::string& name,
               const ApplicationConfig* app = nullptr);
  // Puts the free servers into the receipt; with `app`, those that it may be
  // built on.
  void name_free(const ApplicationConfig* app);
  void add_hold(const std::string& server, Event event,
                const std::optional<Hold>& hold, const std::string& detail);
  void add_cancel(std::int64_t job);
  // A job of whoever asks; add_job() puts it into the receipt.
  Job new_job(JobKind kind, std::int64_t number) const;
  void add_job(const Job& job);
};

// 429 when a user has as many jobs of one kind waiting, or has asked for as
// many changes in a minute, as berth.conf allows. Giving something up (release,
// cancel) is never refused for that, and root has no bound: somebody must be
// able to clear up.
std::optional<Receipt> refuse_flood(Request& request);

// Why nothing can be done on a server now; empty when it can.
std::string refuse_server(const Server& server, const std::string& name);

// For what is done with the server that the drop names, beside builds: who
// holds it, or an admin; with `free_is_ours`, of a free one everybody. `what`
// as in "who holds it or an admin may use its power". nullopt: he may.
std::optional<Receipt> refuse_not_yours(Request& request, bool free_is_ours,
                                        const std::string& what);

// Why nobody can get a server now: it is being made or taken away; empty when
// somebody can. The job is named in the receipt.
std::string refuse_to_hold(Request& request, const std::string& name);

// Why a snapshot cannot be gone back to; empty when it is there.
std::string refuse_no_snapshot(Request& request, const Server& server,
                               const std::string& name);

// One for each row of actions.cpp. Throws JsonError for arguments that are not
// as they must be.
Receipt decide_reserve(Request request, const NextNumber& number);
Receipt decide_release(Request request, const NextNumber& number);
Receipt decide_build(Request request, const NextNumber& number);
Receipt decide_preview(Request request, const NextNumber& number);
Receipt decide_check(Request request, const NextNumber& number);
Receipt decide_publish(Request request, const NextNumber& number);
Receipt decide_refresh(Request request, const NextNumber& number);
Receipt decide_undo(Request request, const NextNumber& number);
Receipt decide_keep(Request request, const NextNumber& number);
Receipt decide_adopt(Request request, const NextNumber& number);
Receipt decide_drop_database(Request request, const NextNumber& number);
Receipt decide_power(Request request, const NextNumber& number);
Receipt decide_snapshot(Request request, const NextNumber& number);
Receipt decide_provision(Request request, const NextNumber& number);
Receipt decide_retire(Request request, const NextNumber& number);
Receipt decide_cancel(Request request, const NextNumber& number);
Receipt decide_drain(Request request, const NextNumber& number);

}  // namespace berth::runner
