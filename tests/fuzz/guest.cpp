// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest answers, in pieces of the first byte's size; whoever is root
// there writes what he likes.
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "step/mask.hpp"
#include "step/stop.hpp"
#include "worker/guest/guest_reply.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/stream.hpp"

namespace berth::fuzz {
namespace {

class Said : public Report {
 public:
  void log(std::string_view text) override {
    bytes += text.size();
    const std::string line = one_line(text);
    require(is_valid_utf8(line) && !has_control_characters(line),
            "a line of the log is one");
  }
  void progress(const Progress& progress) override {
    require(progress.message.size() <= 4000 && progress.unit.size() <= 4000,
            "what is masked is short");
    // As it is shown: of 200 bytes each may become \xNN, and dots follow.
    const std::string shown = Mask().line(progress.message,
                                                  kLongestProgress);
    require(!has_control_characters(shown) && shown.size() <= 4 * 200 + 3,
            "progress is short");
    require(progress.done.value_or(0) >= 0 && progress.total.value_or(0) >= 0,
            "progress counts");
  }
  std::size_t bytes = 0;
};

void check_reply(const json::object& reply) {
  std::string note;
  static_cast<void>(worker::refuse_version(reply, "qa1", note));
  require(!has_control_characters(note), "a note is one line");
  for (const char* name : {"current", "slot", "previous"}) {
    const std::string slot = worker::slot_at(reply, name);
    require(slot.empty() || slot == "a" || slot == "b", "a slot is a or b");
  }
}

}  // namespace

FUZZ(guest) {
  if (input.empty()) return;
  const std::size_t size = 1 + static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  Said said;
  worker::GuestReply reply(said);
  worker::StreamLines lines;
  std::string together;
  const auto give = [&](const std::string& line) {
    require(!line.empty() && line.find_first_of("\r\n") == line.npos,
            "a line is one");
    together += line;
  };
  std::string wanted;
  for (const char c : input) {
    if (c != '\n' && c != '\r') wanted += c;
  }
  try {
    for (std::string_view rest = input; !rest.empty();) {
      const std::string_view piece = rest.substr(0, size);
      rest.remove_prefix(piece.size());
      lines.take(piece, give);
      reply.take(piece);
    }
  } catch (const Away&) {
    return;
  }
  lines.end(give);
  require(together == wanted, "nothing is lost between lines");
  if (reply.last()) {
    require(reply.last()->contains("ok"), "a reply says ok");
    check_reply(*reply.last());
  }
  // The same in one piece.
  Said again;
  worker::GuestReply whole(again);
  whole.take(input);
  require(whole.last() == reply.last() && again.bytes == said.bytes,
          "it does not matter how it arrives");
}

}  // namespace berth::fuzz
