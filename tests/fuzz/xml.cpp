// SPDX-License-Identifier: GPL-2.0-or-later
// What libvirt tells of a domain or a snapshot, as whoever may define one there
// wrote it.
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/xml.hpp"
#include "fuzz/fuzz.hpp"
#include "model/snapshot.hpp"
#include "store/made_by_us.hpp"

namespace berth::fuzz {
namespace {

void write(const XmlElement& element, int depth, std::string& out) {
  require(depth <= 64, "a document is 64 deep at most");
  out += "<" + element.name;
  for (const auto& [name, value] : element.attributes) {
    out += " " + name + "=\"" + xml_escape(value) + "\"";
  }
  out += ">" + xml_escape(element.text);
  for (const XmlElement& child : element.children) {
    write(child, depth + 1, out);
  }
  out += "</" + element.name + ">";
}

std::string written(const XmlElement& element) {
  std::string out;
  write(element, 1, out);
  return out;
}

}  // namespace

FUZZ(xml) {
  XmlElement read;
  try {
    read = parse_xml(input, "domain qa1");
  } catch (const Error&) {
    return;
  }
  const std::string once = written(read);
  require(written(parse_xml(once, "what we wrote")) == once,
          "a document is written as read");
  static_cast<void>(made_by(read));
  Snapshot snapshot;
  try {
    snapshot = snapshot_from_xml(read);
  } catch (const Error&) {  // it is crooked, and named in a problem
    return;
  }
  const std::string kept = json::serialize(to_json(snapshot));
  require(from_json<Snapshot>(parse_json(kept)) == snapshot,
          "a snapshot is kept as read");
}

}  // namespace berth::fuzz
