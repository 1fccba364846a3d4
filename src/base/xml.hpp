// SPDX-License-Identifier: GPL-2.0-or-later
// The XML that libvirt speaks (domains, snapshots, volumes) and svn. Reads one
// whole document into a small tree and escapes text for one to write. Knows
// elements, attributes, text, CDATA, the five entities and numbers; comments,
// processing instructions and a plain DOCTYPE are skipped, and no document
// defines an entity. What is not well-formed, not UTF-8 (its numbers included),
// deeper than 64 or larger than 4 MiB (or `most`) is an Error: what is returned
// is UTF-8. Each byte is read once.
//
// Rejected: libxml2, which would be one more library for what fits here, and
// brings entities, networks and files that a host's text must not have.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  // of its own, without that of its children
  std::vector<XmlElement> children;

  // The first child of that name; nullptr when there is none.
  const XmlElement* child(std::string_view child_name) const;
  // The first at the end of a path: {"os", "nvram"}.
  const XmlElement* at(const std::vector<std::string>& path) const;
  std::vector<const XmlElement*> all(std::string_view child_name) const;
  // Empty when there is none.
  std::string attribute(const std::string& attribute_name) const;
  std::string text_of(std::string_view child_name) const;
};

// `what` names the document in an Error: "domain qa1".
XmlElement parse_xml(std::string_view text, const std::string& what,
                     std::size_t most = 4 << 20);

// For text and for attributes in either quote.
std::string xml_escape(std::string_view text);

}  // namespace berth
