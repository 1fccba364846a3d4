// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/snapshot_xml.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(snapshot_xml)

namespace {

Snapshot described(const std::string& description) {
  return snapshot_from_xml(parse_xml(
      "<domainsnapshot><name>a</name><description>" +
          xml_escape(description) +
          "</description><state>shutoff</state>"
          "<creationTime>1800000000</creationTime>"
          "<domain><name>b</name><description>berth 1 x qa9 1 1</description>"
          "</domain></domainsnapshot>",
      "it"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_mark_comes_back_from_the_description) {
  const SnapshotMark mark{"0123abcd", "qa1", 12, 41};
  for (const char* note : {"", "before <b>it</b> & more", "vor\nGr\u00fc\u00dfen",
                           "berth 1 x qa1 1 1\nlast"}) {
    const Snapshot read = described(describe_snapshot(note, mark));
    BOOST_TEST(read.name == "a");
    BOOST_TEST(read.state == "shutoff");
    BOOST_TEST(read.created == 1800000000);
    BOOST_TEST(read.note == note);
    BOOST_TEST((read.mark == mark));
    BOOST_TEST((from_json<Snapshot>(to_json(read)) == read));
  }
}

BOOST_AUTO_TEST_CASE(what_somebody_wrote_there_is_no_mark) {
  for (const char* line :
       {"", "berth 1", "berth 1 x qa1 12", "berth 1 x qa1 12 41 7",
        "berth 1 x ../x 12 41", "berth 1 x qa1 0 41", "berth 1 x qa1 12 -1",
        "berth 1 x qa1 1e9 41", "berth 2 x qa1 12 41", " berth 1 x qa1 12 41",
        "berth 1 x qa1 99999999999999999999 41"}) {
    BOOST_TEST_CONTEXT(line) {
      BOOST_TEST(!described(line).mark.has_value());
    }
  }
  // Only the last line counts.
  BOOST_TEST(!described("berth 1 x qa1 12 41\nedited").mark.has_value());
  BOOST_TEST(described("one\ntwo\x1b[2J").note == "one");
  BOOST_TEST(described("\x1b[2J").note == "\\x1b[2J");
}

BOOST_AUTO_TEST_CASE(a_crooked_snapshot_is_refused_by_its_name) {
  const auto read = [](const std::string& name, const std::string& created) {
    return snapshot_from_xml(parse_xml(
        "<domainsnapshot><name>" + name + "</name><creationTime>" + created +
            "</creationTime></domainsnapshot>",
        "it"));
  };
  BOOST_TEST(read("a b", "253402300799").created == 253402300799);
  BOOST_TEST(read("a", "0").created == 0);
  for (const char* created : {"253402300800", "-1", "", "x", "1e9",
                              "99999999999999999999"}) {
    try {
      read("later", created);
      BOOST_ERROR("taken: " << created);
    } catch (const Error& e) {
      BOOST_TEST(e.subject() == "snapshot 'later'");
      BOOST_TEST(e.cause() == "its creationTime '" + std::string(created) +
                                  "' is not a time");
    }
  }
  for (const auto& name : {std::string(), std::string(256, 'a'),
                           std::string("a\nb"), std::string("&#x9b;")}) {
    BOOST_CHECK_THROW(read(name, "5"), Error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
