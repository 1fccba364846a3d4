// SPDX-License-Identifier: GPL-2.0-or-later
// The handlers of requests: one function for each line of the route table
// (web/routes.cpp), one file for each resource. Each throws Problem to refuse a
// request.
#pragma once

#include "web/console.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

namespace berth::web {

// servers.cpp, history.cpp
Reply servers(const Request& request, Console& console);
Reply server(const Request& request, Console& console);
Reply history(const Request& request, Console& console);
Reply application_history(const Request& request, Console& console);
// reservation.cpp
Reply reserve(const Request& request, Console& console);
Reply release(const Request& request, Console& console);
// builds.cpp
Reply build_on_server(const Request& request, Console& console);
Reply build_anywhere(const Request& request, Console& console);
Reply preview_on_server(const Request& request, Console& console);
// undo.cpp
Reply undo(const Request& request, Console& console);
Reply keep(const Request& request, Console& console);
// machine.cpp
Reply power(const Request& request, Console& console);
Reply snapshots(const Request& request, Console& console);
Reply take_snapshot(const Request& request, Console& console);
Reply revert_snapshot(const Request& request, Console& console);
Reply delete_snapshot(const Request& request, Console& console);
// provision.cpp
Reply provision(const Request& request, Console& console);
// refresh.cpp
Reply refresh(const Request& request, Console& console);
// jobs.cpp, log.cpp
Reply jobs(const Request& request, Console& console);
Reply job(const Request& request, Console& console);
Reply job_result(const Request& request, Console& console);
Reply cancel_job(const Request& request, Console& console);
Reply job_log(const Request& request, Console& console);
// checks.cpp
Reply check_server(const Request& request, Console& console);
// preview.cpp
Reply job_preview(const Request& request, Console& console);
// drops.cpp
Reply drop(const Request& request, Console& console);
// applications.cpp
Reply applications(const Request& request, Console& console);
Reply paths(const Request& request, Console& console);
// hosts.cpp, clusters.cpp, queue.cpp, me.cpp, health.cpp
Reply hosts(const Request& request, Console& console);
Reply clusters(const Request& request, Console& console);
Reply queue(const Request& request, Console& console);
Reply me(const Request& request, Console& console);
Reply health(const Request& request, Console& console);

}  // namespace berth::web
