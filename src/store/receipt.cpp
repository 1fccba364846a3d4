// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/receipt.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "model/hold.hpp"
#include "model/instant.hpp"
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

// What an effect must have so that it can be applied.
void check_effect(const json::value& effect) {
  ObjectReader in(effect, "effect");
  const std::string kind = in.string("kind");
  if (kind == "hold") {
    in.string("server");
    in.string("event");
    in.string("user");
    in.string("detail");
    const auto* hold = effect.get_object().if_contains("hold");
    hold_from_json(hold ? *hold : in.value("hold"));  // null: a release
    if (effect.get_object().contains("after_job")) in.integer("after_job");
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

json::value to_json(const Receipt& r) {
  return {{"version", 1},
          {"token", r.token},
          {"user", r.user},
          {"request", r.request},
          {"outcome", r.accepted ? "accepted" : "refused"},
          {"status", r.status},
          {"detail", r.detail},
          {"server", text_or_null(r.server)},
          {"job", or_null(r.job)},
          {"effects", r.effects},
          {"extra", r.extra},
          {"at", rfc3339(r.at)}};
}

Receipt receipt_from_json(const json::value& value) {
  ObjectReader in(value, "receipt");
  const std::int64_t version = in.integer("version");
  if (version > 1) throw NewerFormat("receipt: ", version, 1);
  if (version < 1) throw JsonError("receipt: no format", "version");
  Receipt r;
  r.token = in.string("token");
  r.user = in.string("user");
  r.request = in.string("request");
  const std::string outcome = in.string("outcome");
  if (outcome != "accepted" && outcome != "refused") {
    throw JsonError("receipt: 'outcome' is neither accepted nor refused",
                    "outcome");
  }
  r.accepted = outcome == "accepted";
  r.status = static_cast<int>(in.integer("status"));
  r.detail = in.string("detail");
  r.server = in.optional_string("server").value_or("");
  r.job = in.optional_integer("job");
  const json::value& effects = in.value("effects");
  const json::value& extra = in.value("extra");
  if (!effects.is_array() || !extra.is_object()) {
    throw JsonError("receipt: 'effects' or 'extra' is of a wrong type",
                    "effects");
  }
  for (const auto& effect : effects.get_array()) check_effect(effect);
  r.effects = effects.get_array();
  r.extra = extra.get_object();
  r.at = read_instant(in, "at");
  in.finish();
  return r;
}

void write_receipt(const Dir& receipts, const Receipt& receipt) {
  AtomicFile file(receipts, file_name(receipt.token), kReadableByWeb);
  file.write(json::serialize(to_json(receipt)) + "\n");
  if (!file.commit(AtomicFile::Sync::durable, AtomicFile::Collision::keep)) {
    throw Error("write receipt", receipt.token, "it has one already");
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
