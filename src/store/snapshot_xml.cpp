// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/snapshot_xml.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr const char* kOurs = "berth 1 ";
constexpr std::size_t kLongestName = 255;

std::optional<SnapshotMark> mark_in(const std::string& line) {
  if (!line.starts_with(kOurs)) return std::nullopt;
  const auto words = split(line, ' ');
  if (words.size() != 6 || words[2].size() > 64) return std::nullopt;
  SnapshotMark out{words[2], words[3], whole_number(words[4]).value_or(0),
                   whole_number(words[5]).value_or(-1)};
  if (!is_server_name(out.server) || out.job < 1 || out.seq < 0) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

std::string describe_snapshot(const std::string& note,
                              const SnapshotMark& mark) {
  return note + (note.empty() ? "" : "\n") + kOurs + mark.site + " " +
         mark.server + " " + std::to_string(mark.job) + " " +
         std::to_string(mark.seq);
}

Snapshot snapshot_from_xml(const pugi::xml_document& definition) {
  const pugi::xml_node xml = definition.document_element();
  Snapshot out;
  out.name = xml_text(xml.child("name"));
  const auto refuse = [&out](const std::string& why) {
    throw Error("read", "snapshot '" + printable(out.name, 64) + "'", why);
  };
  if (out.name.empty() || out.name.size() > kLongestName ||
      has_control_characters(out.name) ||
      !turning_character(out.name).empty()) {
    refuse("its name is empty, too long or has control characters");
  }
  out.state = printable(xml_text(xml.child("state")), 64);
  const std::string created = xml_text(xml.child("creationTime"));
  out.created = whole_number(created).value_or(-1);
  if (out.created < 0 || out.created > kLastInstant) {
    refuse("its creationTime '" + printable(created, 64) + "' is not a time");
  }
  auto lines = split(xml_text(xml.child("description")), '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (!lines.empty()) out.mark = mark_in(lines.back());
  if (out.mark) lines.pop_back();
  out.note = join(lines, "\n");
  if (refuse_note(out.note)) out.note = printable(lines[0], kLongestNote);
  return out;
}

}  // namespace berth
