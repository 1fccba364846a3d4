// SPDX-License-Identifier: GPL-2.0-or-later
// GET /drops/TOKEN: the decision on a submitted request. The token is not a
// secret: the history names it as the cause of a line. What is shown here -
// accepted or refused, and why - is shown to every reader by the lists as well.
// A refusal has the members that it would have had as the reply (holder, free,
// ...).
#include "store/drop.hpp"
#include "store/receipt.hpp"
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply drop(const Request& request, Console& console) {
  const std::string& token = request.names[0];
  const auto receipt = read_receipt(Dir(console.layout().receipts), token);
  if (receipt) {
    json::object body = {{"token", token},
                         {"state", receipt->accepted ? "accepted" : "refused"},
                         {"status", receipt->status},
                         {"detail", receipt->detail},
                         {"job", or_null(receipt->job)},
                         {"server", text_or_null(receipt->server)}};
    if (!receipt->accepted) {
      for (const auto& [key, value] : receipt->extra) body.emplace(key, value);
    }
    return made(request, body);
  }
  if (Dir(console.layout().drop).exists(drop_name(token))) {
    return made(request, {{"token", token},
                          {"state", "submitted"},
                          {"status", 202},
                          {"detail", "waiting for berthd"},
                          {"job", nullptr},
                          {"server", nullptr}});
  }
  // It may have been decided between the two reads.
  if (read_receipt(Dir(console.layout().receipts), token)) {
    return drop(request, console);
  }
  throw Problem(404, "there is no request " + token +
                         "; receipts are kept for seven days");
}

}  // namespace berth::web
