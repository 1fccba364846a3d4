// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/answer.hpp"

#include <sys/stat.h>

#include <exception>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "web/address.hpp"
#include "web/login.hpp"
#include "web/reply.hpp"
#include "web/routes.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kLookAtConfig = 2000;  // milliseconds

// Inode, size and time of berth.conf and of every file in conf.d.
std::string config_stamp() {
  const std::string file = default_config_file();
  const std::string folder = file.substr(0, file.rfind('/')) + "/conf.d";
  std::string stamp;
  const auto add = [&stamp](const struct stat& st) {
    stamp += std::to_string(st.st_ino) + "." + std::to_string(st.st_size) +
             "." + std::to_string(st.st_mtim.tv_sec) + "." +
             std::to_string(st.st_mtim.tv_nsec) + " ";
  };
  struct stat st {};
  if (::stat(file.c_str(), &st) == 0) add(st);
  if (::stat(folder.c_str(), &st) != 0) return stamp;
  add(st);
  try {
    const Dir dir(folder);
    for (const auto& name : dir.names()) {
      if (const auto found = dir.stat(name)) add(*found);
    }
  } catch (const Error& error) {
    // Not accessible to us, or not a folder: load_config() reports that, and a
    // change of it changes the stamp.
    stamp += error.what();
  }
  return stamp;
}

Reply handle(Request& request, Console& console) {
  // A monitor may ask at any address, for instance the IP, whether we run.
  if (request.path != "/health") {
    refuse_other_address(request, console.config());
  }
  const Route& route = find_route(request);
  // Reads are open to anybody whom Apache admits, under any name.
  if (route.needs_login) {
    request.user = map_login(request.remote_user, console.config());
    require_login(request);
  }
  if (request.method != "GET") refuse_cross_site(request, console.config());
  const bool takes_body =
      request.method == "PUT" || request.method == "POST";
  if (!takes_body && !request.body.empty()) {
    throw Problem(400, request.method + " does not accept a body here");
  }
  return route.handler(request, console);
}

void mark(const Request& request, Console& console, Reply& reply) {
  const bool up = console.runner_up();
  reply.headers.emplace_back("X-Berth-Runner", up ? "up" : "away");
  if (!up && !reply.etag.empty()) reply.etag += "-away";
  if (request.method == "GET" && reply.status == 200 &&
      etag_matches(request.if_none_match, reply.etag)) {
    reply.status = 304;
  }
}

}  // namespace

Console& Answerer::console(const LogLine& log) {
  const std::int64_t now = monotonic_ms();
  if (console_ && now - looked_ms_ < kLookAtConfig) return *console_;
  const std::string stamp = config_stamp();
  looked_ms_ = now;
  if (console_ && stamp == seen_) return *console_;
  seen_ = stamp;
  try {
    console_.emplace(Console(load_config()));
  } catch (const std::exception& error) {
    if (!console_) throw;
    log(std::string("invalid configuration, keeping the previous one: ") +
        error.what());
  }
  return *console_;
}

void Answerer::require_secret(const Lookup& lookup) {
  if (!secret_read_) {
    secret_ = ProxySecret::from_environment();
    secret_read_ = true;
  }
  if (!secret_) return;
  const char* presented = lookup("BERTH_SECRET");
  if (secret_->is(presented ? presented : "")) return;
  throw Problem(403,
                "the request did not arrive through the console's Apache, or "
                "Apache has another secret than berth.fcgi; after a change of "
                "the secret, restart berth-web and Apache");
}

void Answerer::prepare(const LogLine& log) {
  try {
    console(log);
  } catch (const std::exception& error) {
    log(error.what());
  }
}

void Answerer::answer(const Lookup& lookup, const ReadBody& read_body,
                      const Send& send, const LogLine& log) {
  Request request;
  Reply reply;
  try {
    request = read_request(lookup, read_body);
    require_secret(lookup);
    Console& now = console(log);
    try {
      reply = handle(request, now);
    } catch (const Problem& problem) {
      reply = problem_reply(problem);
    }
    mark(request, now, reply);
  } catch (const Problem& problem) {
    reply = problem_reply(problem);
  } catch (const std::exception& error) {
    log(request.method + " " + printable(request.path) + ": " + error.what());
    reply = problem_reply(Problem(
        500, "internal error; see Apache's error log"));
  }
  send(cgi_head(reply), cgi_body(reply, request.head));
}

}  // namespace berth::web
