// SPDX-License-Identifier: GPL-2.0-or-later
// A drop while it is decided: the drop, the world, and the receipt that is
// being made. The rules are in decide_*.cpp; actions.cpp has the function for
// each action.
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
  bool admin;       // by berth.conf, or because the drop is root's
  Receipt receipt;

  Receipt refuse(int status, std::string detail);
  Receipt refuse_draining();
  Receipt accept(int status, std::string detail);
  // 409 for a server that another user holds: the holder, until when, what is
  // free.
  Receipt held(const std::string& name,
               const ApplicationConfig* app = nullptr);
  // Lists the free servers in the receipt; with `app`, only those on which it
  // may be built.
  void name_free(const ApplicationConfig* app);
  void add_hold(const std::string& server, Event event,
                const std::optional<Hold>& hold, const std::string& detail);
  void add_cancel(std::int64_t job);
  // A job of the requesting user; add_job() adds it to the receipt.
  Job new_job(JobKind kind, std::int64_t number) const;
  void add_job(const Job& job);
};

// 429 if the user has as many queued jobs of one kind, or has requested as many
// changes within a minute, as berth.conf allows. Release and cancel are never
// refused for that, and root has no limit: somebody must be able to clear up.
std::optional<Receipt> refuse_flood(Request& request);

// Why no job can use a server now; empty if one can.
std::string refuse_server(const Server& server, const std::string& name);

// Refuses an action on the drop's server to all but its holder and admins. If
// the server is free, only admins may, or anybody with `free_is_ours`. `what`
// names the action, as in "only the holder or an admin may use its power".
// nullopt: the user may.
std::optional<Receipt> refuse_not_yours(Request& request, bool free_is_ours,
                                        const std::string& what);

// Why nobody can hold a server now (a job creates or retires it); empty if
// somebody can. The receipt names the job.
std::string refuse_to_hold(Request& request, const std::string& name);

// Why a server cannot be reverted to a snapshot; empty if the snapshot exists.
std::string refuse_no_snapshot(Request& request, const Server& server,
                               const std::string& name);

// One function for each row of actions.cpp. Throws JsonError for invalid
// arguments.
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
