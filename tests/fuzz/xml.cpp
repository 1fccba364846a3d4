// SPDX-License-Identifier: GPL-2.0-or-later
// What libvirt tells of a domain or a snapshot, as whoever may define one there
// wrote it.
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/xml.hpp"
#include "fuzz/fuzz.hpp"
#include "store/made_by_us.hpp"
#include "store/snapshot_xml.hpp"

namespace berth::fuzz {
namespace {

void write(const pugi::xml_node& element, int depth, std::string& out) {
  require(depth <= 64, "a document is 64 deep at most");
  const std::string tag = element.name();
  out += "<" + tag;
  for (const pugi::xml_attribute a : element.attributes()) {
    require(is_valid_utf8(a.value()), "an attribute is UTF-8");
    out += " " + std::string(a.name()) + "=\"" + xml_escape(a.value()) + "\"";
  }
  require(is_valid_utf8(xml_text(element)), "a text is UTF-8");
  out += ">" + xml_escape(xml_text(element));
  for (const pugi::xml_node child : element.children()) {
    if (child.type() == pugi::node_element) write(child, depth + 1, out);
  }
  out += "</" + tag + ">";
}

std::string written(const pugi::xml_document& document) {
  std::string out;
  write(document.document_element(), 1, out);
  return out;
}

}  // namespace

FUZZ(xml) {
  pugi::xml_document read;
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
