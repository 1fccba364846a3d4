// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/xml.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"

namespace berth {
namespace {

XmlElement parsed(const std::string& text) { return parse_xml(text, "x"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(xml)

BOOST_AUTO_TEST_CASE(a_domain_is_read_as_a_tree) {
  const XmlElement domain = parsed(
      "<?xml version='1.0'?>\n<!-- edited by virsh -->\n"
      "<domain type='kvm' id=\"3\">\n  <name>qa1</name>\n"
      "  <devices>\n    <disk type='file' device='disk'>\n"
      "      <driver name='qemu' type='qcow2'/>\n      <readonly/></disk>\n"
      "    <disk type='file' device='cdrom'/></devices>\n</domain>\n");
  BOOST_TEST(domain.attribute("id") == "3");
  BOOST_TEST(domain.attribute("nothing") == "");
  BOOST_TEST(domain.text_of("name") == "qa1");
  BOOST_TEST(domain.text_of("title") == "");
  const auto disks = domain.child("devices")->all("disk");
  BOOST_REQUIRE(disks.size() == 2u);
  BOOST_TEST(disks[0]->child("driver")->attribute("type") == "qcow2");
  BOOST_TEST(disks[0]->child("readonly") != nullptr);
  BOOST_TEST(disks[1]->child("readonly") == nullptr);
  BOOST_TEST(domain.at({"devices", "disk", "driver"}) ==
             disks[0]->child("driver"));
  BOOST_TEST(domain.at({"devices", "input", "driver"}) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_escaped_comes_back) {
  const std::string text = "a<b> & \"c\" 'd' \xc3\xa4";
  const XmlElement read = parsed("<x y='" + xml_escape(text) + "'>" +
                                 xml_escape(text) + "<z/>!</x>");
  BOOST_TEST(read.text == text + "!");
  BOOST_TEST(read.attribute("y") == text);
  BOOST_TEST(parsed("<x>&#10;&#xe4;<![CDATA[<&]]></x>").text ==
             "\n\xc3\xa4<&");
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_crooked_is_refused) {
  const std::string good = "<a b='c'><!-- d --><e>&lt;</e><f/></a>";
  BOOST_CHECK_NO_THROW(parsed(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    BOOST_CHECK_THROW(parsed(good.substr(0, i)), Error);
  }
  for (const char* bad :
       {"", "x", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>&nbsp;</a>",
        "<a>&#0;</a>", "<a>&#x110000;</a>", "<a>&#xd800;</a>",
        "<a b='&#57343;'/>", "<a>\xff</a>", "<a>\xed\xa0\x80</a>", "<a b></a>", "<a b=c></a>",
        "<a b='<'/>", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"}) {
    BOOST_CHECK_THROW(parsed(bad), Error);
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  BOOST_CHECK_THROW(parsed(deep), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth
