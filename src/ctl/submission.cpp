// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/submission.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "store/layout.hpp"

namespace berth::ctl {
namespace {

// berthd answers within milliseconds; a person does not notice fifty more.
constexpr useconds_t kReceiptPauseUs = 50'000;

}  // namespace

Drop root_drop(std::string action, std::string target, json::object arguments) {
  Drop drop;
  drop.token = random_hex(16);
  drop.user = "root";
  drop.action = std::move(action);
  drop.target = std::move(target);
  drop.arguments = std::move(arguments);
  drop.at = wall_now();
  return drop;
}

Drop drop_from_request(const std::string& text) {
  const json::value document = parse_json(text);
  ObjectReader in(document, "request");
  if (in.optional_integer("version").value_or(1) != 1) {
    throw JsonError("request: 'version' must be 1", "version");
  }
  Drop drop = root_drop(in.string("action"), in.string("target"), {});
  drop.user = in.optional_string("user").value_or("root");
  if (!is_user_name(drop.user)) {
    throw JsonError("request: 'user' must be a login", "user");
  }
  if (const auto* arguments = in.optional_value("arguments")) {
    if (!arguments->is_object()) {
      throw JsonError("request: 'arguments' must be an object", "arguments");
    }
    drop.arguments = arguments->get_object();
  }
  if (const auto at = in.optional_instant("at")) drop.at = *at;
  in.finish();
  return drop;
}

std::optional<Receipt> submit_drop(const Config& config, const Drop& drop,
                                   std::int64_t seconds) {
  if (::geteuid() != 0) {
    throw Error("submit", "request", "run berthctl as root");
  }
  const Layout layout(config.paths);
  const Dir receipts(layout.receipts);
  const Dir drops(layout.drop_root);
  if (!write_drop(drops, drop)) {
    throw Error("submit", drops.path_of(drop.token), "token already used");
  }
  const std::int64_t end = monotonic_ms() + seconds * 1000;
  for (;;) {
    auto receipt = read_receipt(receipts, drop.token);
    if (receipt || monotonic_ms() >= end) return receipt;
    ::usleep(kReceiptPauseUs);
  }
}

int print_receipt(const Config& config, const Drop& drop,
                  const std::optional<Receipt>& receipt, Printed what) {
  if (!receipt) {
    const Layout layout(config.paths);
    std::fprintf(stderr,
                 "berthctl: no receipt yet; is berthd running? The request "
                 "remains submitted as %s/%s.json: berthd decides it when it "
                 "runs again. Remove the file to cancel it.\n",
                 layout.drop_root.c_str(), drop.token.c_str());
    return kTimedOut;
  }
  if (what == Printed::receipt) {
    std::printf("%s\n", json::serialize(to_json(*receipt)).c_str());
  } else if (receipt->accepted) {
    std::printf("%s\n", printable(receipt->detail, 1000).c_str());
  }
  // The caller may now wait for a long job.
  std::fflush(stdout);
  if (receipt->accepted) return kAccepted;
  std::fprintf(stderr, "berthctl: refused: %s\n",
               printable(receipt->detail, 1000).c_str());
  return kRefused;
}

}  // namespace berth::ctl
