// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/receipt.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "model/hold.hpp"
#include "model/job.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

constexpr std::string_view kReceiptSuffix = ".json";
// A drop and a job file fit several times.
constexpr std::size_t kLargestReceipt = 1 << 20;

std::string file_name(const std::string& token) {
  return token + std::string(kReceiptSuffix);
}

// Checks that an effect has every member needed to apply it.
void check_effect(const json::value& effect) {
  ObjectReader in(effect, "effect");
  const std::string kind = in.string("kind");
  if (kind == "hold") {
    in.string("server");
    in.string("event");
    in.string("user");
    in.string("detail");
    const auto* hold = if_contains(effect, "hold");  // null: a release
    optional_from_json<Hold>(hold ? *hold : in.value("hold"));
    if (if_contains(effect, "after_job")) in.integer("after_job");
  } else if (kind == "job") {
    job_from_json(in.value("job"));
  } else if (kind == "cancel") {
    in.integer("job");
    in.string("user");
    in.string("at");
  } else if (kind == "drain") {
    in.boolean("on");
  }
}

}  // namespace

json::object to_json(const Receipt& r) {
  json::object out = {{"version", 1},
                      {"token", r.token},
                      {"user", r.user},
                      {"request", r.request},
                      {"outcome", r.accepted ? "accepted" : "refused"}};
  write_members(out, r);
  return out;
}

Receipt receipt_from_json(const json::value& value) {
  ObjectReader in(value, "receipt");
  in.version(1);
  Receipt r;
  r.token = in.string("token");
  r.user = in.string("user");
  r.request = in.string("request");
  const std::string outcome = in.string("outcome");
  if (outcome != "accepted" && outcome != "refused") {
    throw JsonError("receipt: 'outcome' must be accepted or refused",
                    "outcome");
  }
  r.accepted = outcome == "accepted";
  read_members(in, r);
  in.finish();
  for (const auto& effect : r.effects) check_effect(effect);
  return r;
}

void write_receipt(const Dir& receipts, const Receipt& receipt) {
  AtomicFile file(receipts, file_name(receipt.token), kReadableByWeb);
  file.write(json::serialize(to_json(receipt)) + "\n");
  if (!file.commit(AtomicFile::Sync::durable, AtomicFile::Collision::keep)) {
    throw Error("write receipt", receipt.token, "it already has one");
  }
}

std::optional<Receipt> read_receipt(const Dir& receipts,
                                    const std::string& token) {
  if (!is_token(token)) return std::nullopt;
  const auto text = receipts.read(file_name(token), kLargestReceipt);
  if (!text) return std::nullopt;
  return receipt_from_json(parse_json(*text));
}

std::vector<std::string> list_receipts(const Dir& receipts) {
  std::vector<std::string> out;
  for (const auto& name : receipts.names()) {
    if (!name.ends_with(kReceiptSuffix)) continue;
    const std::string token =
        name.substr(0, name.size() - kReceiptSuffix.size());
    if (is_token(token)) out.push_back(token);
  }
  return out;
}

}  // namespace berth
