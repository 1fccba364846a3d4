// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/submission.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "model/job_kind.hpp"
#include "store/drop.hpp"
#include "store/receipt.hpp"
#include "web/problem.hpp"
#include "web/receipt_watch.hpp"
#include "web/undecided.hpp"
#include "web/waiting_place.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kWait = 2000;  // milliseconds

std::string token_for(const Request& request) {
  const std::string& key = request.idempotency_key;
  if (key.empty()) return random_hex(16);
  if (!is_valid_utf8(key) || characters(key) > 200 ||
      has_control_characters(key) || !turning_character(key).empty()) {
    throw Problem(400, "Idempotency-Key must have at most 200 characters, all "
                       "printable");
  }
  return idempotent_token(request.user, key);
}

Reply accepted(const Request& request, const Receipt& receipt) {
  if (receipt.status == 204) {
    Reply reply;
    reply.status = 204;
    return reply;
  }
  json::object body = {{"job", or_null(receipt.job)},
                       {"server", receipt.server.empty()
                                      ? json::value(nullptr)
                                      : json::value(receipt.server)},
                       {"token", receipt.token},
                       {"detail", receipt.detail}};
  for (const auto& [key, value] : receipt.extra) body.emplace(key, value);
  Reply reply = json_reply(receipt.status, body);
  if (receipt.job && receipt.status == 201) {
    reply.headers.emplace_back(
        "Location", request.mount + "/jobs/" + std::to_string(*receipt.job));
  }
  return reply;
}

Reply answer_of(const Request& request, const Receipt& receipt) {
  if (receipt.accepted) return accepted(request, receipt);
  Headers headers;
  if (const auto* seconds = receipt.extra.if_contains("retry_after")) {
    headers.emplace_back("Retry-After", json::serialize(*seconds));
  }
  throw Problem(receipt.status, receipt.detail, receipt.extra,
                std::move(headers));
}

Reply undecided(const Request& request, const std::string& token,
                const std::string& detail) {
  Reply reply = json_reply(202, {{"token", token}, {"detail", detail}});
  reply.headers = {{"Location", request.mount + "/drops/" + token},
                   {"Retry-After", "1"}};
  return reply;
}

[[noreturn]] void refuse_other_request() {
  throw Problem(409, "Idempotency-Key already used for another request; "
                     "choose a new key");
}

// Whether the same request was already submitted with this token, decided or
// not. Throws Problem 409 for a different one.
bool submitted_before(const Dir& receipts, const Dir& drops,
                      const Drop& drop) {
  const std::string asked = request_fingerprint(drop);
  // The drop first, because it is removed only after the receipt exists.
  const ReadDrop found = read_drop({drops, ::geteuid()}, drop.token);
  if (found.drop) {
    if (request_fingerprint(*found.drop) != asked) refuse_other_request();
    return true;
  }
  const auto receipt = read_receipt(receipts, drop.token);
  if (!receipt) return false;
  if (receipt->request != asked) refuse_other_request();
  return true;
}

// A job can wait for berthd; a hold is needed now.
bool can_wait(const std::string& action) {
  const JobKindRow* kind = row_of_action(action);
  return kind && kind->may_wait;
}

void require_runner(const Change& change, const Runner& runner) {
  if (runner.up || can_wait(change.action)) return;
  throw Problem(503, runner.detail + "; nothing was changed", {},
                {{"Retry-After", "10"}});
}

}  // namespace

Reply submit(const Request& request, Console& console, const Change& change) {
  const Dir drops(console.layout().drop);
  const Dir receipts(console.layout().receipts);
  const Drop drop = {token_for(request), request.user,     change.action,
                     change.target,      change.arguments, wall_now()};
  const Runner runner = console.runner();
  const bool repeated = !request.idempotency_key.empty() &&
                        submitted_before(receipts, drops, drop);
  std::optional<ReceiptWatch> watch;
  if (!repeated) require_runner(change, runner);
  if (!repeated &&
      !note_undecided(drops, receipts, drop.user, drop.token, drop.at)) {
    throw Problem(429,
                  std::to_string(kMostUndecided) +
                      " of your requests wait for berthd's decision; try "
                      "again when they are decided",
                  {}, {{"Retry-After", "1"}});
  }
  if (runner.up) watch.emplace(receipts, drops);
  if (!repeated && !write_drop(drops, drop)) {
    // Another process has just submitted the same key.
    submitted_before(receipts, drops, drop);
  }
  if (!watch) {
    if (const auto receipt = read_receipt(receipts, drop.token)) {
      return answer_of(request, *receipt);
    }
    return undecided(request, drop.token,
                     runner.detail +
                         "; the request is stored until berthd runs");
  }
  const int places = std::max(1, console.config().web_processes / 2);
  const auto place = WaitingPlace::take(drops, places);
  const auto receipt = watch->wait(drop.token, place ? kWait : 0);
  if (receipt) return answer_of(request, *receipt);
  return undecided(request, drop.token,
                   place ? "berthd has not decided yet"
                         : "too many requests are waiting for berthd; follow "
                           "Location for the decision");
}

}  // namespace berth::web
