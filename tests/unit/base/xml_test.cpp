// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/xml.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"

namespace berth {
namespace {

pugi::xml_document parsed(const std::string& text) {
  return parse_xml(text, "x");
}
std::string text_in(const std::string& document) {
  return xml_text(parsed(document).document_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(xml)

BOOST_AUTO_TEST_CASE(a_domain_is_read_as_a_tree) {
  const pugi::xml_document document = parsed(
      "<?xml version='1.0'?>\n<!-- edited by virsh -->\n"
      "<domain type='kvm' id=\"3\">\n  <name>qa1</name>\n"
      "  <devices>\n    <disk type='file' device='disk'>\n"
      "      <driver name='qemu' type='qcow2'/>\n      <readonly/></disk>\n"
      "    <disk type='file' device='cdrom'/></devices>\n</domain>\n");
  const pugi::xml_node domain = document.document_element();
  BOOST_TEST(domain.attribute("id").value() == std::string("3"));
  BOOST_TEST(domain.attribute("nothing").value() == std::string());
  BOOST_TEST(xml_text(domain.child("name")) == "qa1");
  BOOST_TEST(xml_text(domain.child("title")) == "");
  const pugi::xml_node first = domain.child("devices").child("disk");
  const pugi::xml_node second = first.next_sibling("disk");
  BOOST_TEST(first.child("driver").attribute("type").value() ==
             std::string("qcow2"));
  BOOST_TEST(!first.child("readonly").empty());
  BOOST_TEST(!second.empty());
  BOOST_TEST(second.child("readonly").empty());
}

BOOST_AUTO_TEST_CASE(what_is_escaped_comes_back) {
  const std::string text = "a<b> & \"c\" 'd' \xc3\xa4";
  const pugi::xml_document read = parsed("<x y='" + xml_escape(text) + "'>" +
                                         xml_escape(text) + "<z/>!</x>");
  BOOST_TEST(xml_text(read.document_element()) == text + "!");
  BOOST_TEST(read.document_element().attribute("y").value() == text);
  BOOST_TEST(text_in("<x>&#10;&#xe4;<![CDATA[<&]]></x>") == "\n\xc3\xa4<&");
}

BOOST_AUTO_TEST_CASE(a_text_is_whole_whatever_is_between) {
  BOOST_TEST(
      text_in("<x>a<!-- & b -->c<?d?><![CDATA[&e;]]>f<g>h</g>\r\n</x>") ==
      "ac&e;f\r\n");
  BOOST_TEST(text_in("<x> </x>") == " ");
  BOOST_TEST(text_in("<x><!--> & <y> -->z</x>") == "z");
  BOOST_TEST(text_in("<x>&amp;nbsp;</x>") == "&nbsp;");
  BOOST_TEST(text_in("<x y='a\tb'/>") == "");
  BOOST_TEST(
      parsed("<x y='a\n\tb'/>").document_element().attribute("y").value() ==
      std::string("a\n\tb"));
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_crooked_is_refused) {
  const std::string good = "<a b='c'><!-- d --><e>&lt;</e><f/></a>";
  BOOST_CHECK_NO_THROW(parsed(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    BOOST_CHECK_THROW(parsed(good.substr(0, i)), Error);
  }
  for (const char* bad :
       {"", "x", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "x<a/>",
        "<a/><![CDATA[x]]>", "<!---->", "<a>&nbsp;</a>", "<a>&</a>",
        "<a>&amp</a>", "<a>&;</a>", "<a>&#;</a>", "<a>&#x;</a>",
        "<a>&#-1;</a>", "<a>&#1x;</a>", "<a>&#0;</a>", "<a>&#x110000;</a>",
        "<a>&#x100000041;</a>", "<a>&#xd800;</a>", "<a b='&#57343;'/>",
        "<a b='&c;'/>", "<a>\xff</a>", "<a>\xed\xa0\x80</a>", "<a b></a>",
        "<a b=c></a>", "<a b='<'/>", "<a b='1' b='2'/>", "<a b='1'c='2'/>",
        "<!DOCTYPE a><a/>", "<a/><!DOCTYPE a>",
        "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
        "<!DOCTYPE a [<!ENTITY lt 'x'>]><a>&lt;</a>"}) {
    BOOST_TEST_CONTEXT(bad) { BOOST_CHECK_THROW(parsed(bad), Error); }
  }
  BOOST_CHECK_THROW(parsed(std::string("<a/>\0x", 6)), Error);
  BOOST_CHECK_THROW(parsed(std::string("<a>\0</a>", 8)), Error);
}

// A document as deep, or with as many attributes, as fits.
BOOST_AUTO_TEST_CASE(a_document_is_64_deep_and_4_MiB_at_most) {
  const auto deep = [](int levels) {
    std::string out;
    for (int i = 0; i < levels; ++i) out += "<a>";
    for (int i = 0; i < levels; ++i) out += "</a>";
    return out;
  };
  BOOST_CHECK_NO_THROW(parsed(deep(64)));
  BOOST_CHECK_THROW(parsed(deep(65)), Error);
  BOOST_CHECK_THROW(parsed(deep(500'000)), Error);
  std::string wide = "<a";
  for (int i = 0; i < 200'000; ++i) {
    wide += " b" + std::to_string(i) + "='&lt;'";
  }
  wide += "/>";
  BOOST_CHECK_NO_THROW(parsed(wide));
  wide.resize((4 << 20) - 7, ' ');
  BOOST_CHECK_NO_THROW(parsed(wide + "<!---->"));
  BOOST_CHECK_THROW(parsed(wide + "<!---->\n"), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth
