// SPDX-License-Identifier: GPL-2.0-or-later
// What Berth makes on a host and knows again, and what a new server reads at
// its first boot.
#include <boost/test/unit_test.hpp>

#include "base/json.hpp"
#include "base/text.hpp"
#include "store/enrolment.hpp"
#include "store/made_by_us.hpp"
#include "worker/machine/seed.hpp"

namespace {

using namespace berth;
using namespace berth::worker;

Making making() {
  Making out;
  out.site = "0123456789abcdef0123456789abcdef";
  out.server = "qa7";
  out.job = 12;
  out.image.pool = "po<ol";
  out.image.network = "net'1";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(made_by_us)

BOOST_AUTO_TEST_CASE(a_domain_says_whose_it_is_by_which_job_and_its_volumes) {
  const pugi::xml_document xml = parse_xml(
      domain_xml(making(), {"/pool/a&b.qcow2", "/pool/x.iso"},
                 "52:54:00:00:00:01"),
      "domain");
  const auto by = made_by(xml);
  BOOST_TEST_REQUIRE(by.has_value());
  BOOST_TEST(by->site == making().site);
  BOOST_TEST(by->server == "qa7");
  BOOST_TEST(by->job == 12);
  BOOST_TEST(by->pool == "po<ol");
  BOOST_TEST_REQUIRE(by->volumes.size() == 1u);
  BOOST_TEST(by->volumes[0] == "berth-01234567-qa7-12.qcow2");
  const pugi::xml_node disk =
      xml.document_element().child("devices").child("disk");
  BOOST_TEST(disk.child("source").attribute("file").value() ==
             std::string("/pool/a&b.qcow2"));
}

BOOST_AUTO_TEST_CASE(what_others_wrote_into_a_domain_makes_it_not_ours) {
  for (const char* text :
       {"<domain/>", "<domain><metadata/></domain>",
        "<domain><metadata><x:server xmlns:x='urn:else' site='s'/></metadata>"
        "</domain>",
        "<domain><metadata><server site='s' job='1'/></metadata></domain>"}) {
    BOOST_TEST(!made_by(parse_xml(text, "domain")).has_value());
  }
}

BOOST_AUTO_TEST_CASE(no_prefix_of_one_job_begins_a_name_of_another) {
  Making other = making();
  other.job = 121;
  BOOST_TEST(!other.disk().starts_with(making().prefix()));
  other = making();
  other.server = "qa7-12";
  BOOST_TEST(!other.disk().starts_with(making().prefix()));
}

BOOST_AUTO_TEST_CASE(a_disk_lies_over_its_image_in_the_images_format) {
  const pugi::xml_document xml =
      parse_xml(disk_xml(making(), 1 << 30, "/pool/i&.img", "raw"), "volume");
  const pugi::xml_node volume = xml.document_element();
  const pugi::xml_node image = volume.child("backingStore");
  const auto format_of = [](const pugi::xml_node& part) {
    return std::string(part.child("format").attribute("type").value());
  };
  BOOST_TEST(xml_text(volume.child("name")) == "berth-01234567-qa7-12.qcow2");
  BOOST_TEST(xml_text(volume.child("capacity")) == "1073741824");
  BOOST_TEST(format_of(volume.child("target")) == "qcow2");
  BOOST_TEST(xml_text(image.child("path")) == "/pool/i&.img");
  BOOST_TEST(format_of(image) == "raw");
}

BOOST_AUTO_TEST_CASE(addresses_are_of_qemus_own_and_differ) {
  const std::string a = random_mac(), b = random_mac();
  BOOST_TEST(a.size() == 17u);
  BOOST_TEST(a.starts_with("52:54:00:"));
  BOOST_TEST(a != b);
}

BOOST_AUTO_TEST_CASE(the_seed_is_json_that_cloud_init_reads_as_yaml) {
  const std::string text = user_data("qa7", "-----BEGIN\nkey\n", "ssh-ed25519 A",
                                     std::string("t\0ar", 4));
  BOOST_TEST_REQUIRE(text.starts_with("#cloud-config\n"));
  const json::value data = parse_json(text.substr(text.find('\n') + 1));
  BOOST_TEST(data.at("hostname").as_string() == "qa7");
  BOOST_TEST(data.at("users").as_array().empty());
  BOOST_TEST(data.at("ssh_keys").at("ed25519_private").as_string() ==
             "-----BEGIN\nkey\n");
  const json::value& file = data.at("write_files").at(0);
  BOOST_TEST(file.at("content").as_string() == "dABhcg==");
  const json::value& command = data.at("runcmd").at(0);
  BOOST_TEST(command.at(2).as_string() ==
             "exec <" + std::string(file.at("path").as_string()) + " && " +
                 kEnrolCommand);
  // It is put between both kinds of quotation marks elsewhere.
  BOOST_TEST(std::string(kEnrolCommand).find_first_of("'\"$`\\") ==
             std::string::npos);
  BOOST_TEST(parse_json(meta_data("qa7", "x")).at("local-hostname") ==
             json::value("qa7"));
  BOOST_TEST(parse_json(network_config("m")).at("version") == json::value(2));
}

BOOST_AUTO_TEST_SUITE_END()
