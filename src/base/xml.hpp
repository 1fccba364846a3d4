// SPDX-License-Identifier: GPL-2.0-or-later
// The XML that libvirt (domains, snapshots, volumes) and svn write, read by
// pugixml. pugixml is lenient; what parse_xml returns is not: one root, nothing
// but comments and instructions around it, no DOCTYPE (so no document defines
// an entity), no attribute twice, only the five entities and numbers of
// characters, all of it UTF-8, at most 64 deep and 4 MiB (or `most`) long.
// Anything else is an Error. Time and memory are linear in the length.
//
//   const pugi::xml_document xml = parse_xml(text, "domain qa1");
//   const pugi::xml_node domain = xml.document_element();
//   domain.child("os").attribute("x").value();  // "" where there is none
//
// Rejected: libxml2, which brings entities, networks and files that a host's
// text must not have.
#pragma once

#include <cstddef>
#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace berth {

// `what` names the document in an Error: "domain qa1".
pugi::xml_document parse_xml(std::string_view text, const std::string& what,
                             std::size_t most = 4 << 20);

// An element's own text, without that of its children; pugixml's text() ends at
// the first comment or CDATA.
std::string xml_text(const pugi::xml_node& element);

// For text, and for attributes in either kind of quotes.
std::string xml_escape(std::string_view text);

}  // namespace berth
