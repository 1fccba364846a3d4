// SPDX-License-Identifier: GPL-2.0-or-later
// GET /drops/TOKEN: what became of a submission. The token is no secret:
// history names it as the cause of a line. What is told here - accepted or
// refused, and why - is what the lists tell everybody who may read. A refused
// one has what the refusal would have had as the reply (holder, free, ...).
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
                          {"detail", "waits for berthd"},
                          {"job", nullptr},
                          {"server", nullptr}});
  }
  // Decided between the two looks, perhaps.
  if (read_receipt(Dir(console.layout().receipts), token)) {
    return drop(request, console);
  }
  throw Problem(404, "there is no submission " + token +
                         "; receipts are kept for seven days");
}

}  // namespace berth::web
