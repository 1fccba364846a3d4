// SPDX-License-Identifier: GPL-2.0-or-later
// The host's parts of making a server and of taking it away, on libvirt's test
// driver, which has domains, pools, volumes and networks. It cannot take a
// seed's bytes: that is left to tests/lab-qemu, where there is a real host.
#include <libvirt/libvirt.h>

#include <boost/test/unit_test.hpp>

#include "hypervisor/provision.hpp"
#include "hypervisor/retire.hpp"
#include "hypervisor/storage.hpp"
#include "store/made_by_us.hpp"
#include "temporary_dir.hpp"

namespace {

using namespace berth;
using namespace berth::hypervisor;

constexpr const char* kOurSite = "0123456789abcdef0123456789abcdef";

class Collected : public Report {
 public:
  void log(std::string_view text) override { said += std::string(text) + "\n"; }
  void progress(const Progress&) override {}
  std::string said;
};

// One connection for all: the test driver's world lives as long as it.
Hypervisor& test_host() {
  static const TemporaryDir dir;
  dir.put("node.xml", "<node><domain type='test'><name>other</name>"
                      "<memory>131072</memory><os><type>hvm</type></os>"
                      "</domain></node>");
  static HostConfig host;
  host.name = "kvm1";
  host.uri = "test://" + dir / "node.xml";
  host.servers = {"qa*"};
  ImageConfig image;
  image.name = "debian";
  image.volume = "debian.qcow2";
  image.type = "test";
  image.room = 1 << 20;
  host.images["debian"] = image;
  image.name = "gone";
  image.volume = "gone.qcow2";
  host.images["gone"] = image;
  image = host.images["debian"];
  image.network = "nowhere";
  host.images["adrift"] = image;
  image = host.images["debian"];
  image.room = std::int64_t{1} << 50;
  host.images["huge"] = image;
  image = host.images["debian"];
  image.disk = 1 << 20;
  host.images["small"] = image;
  static Hypervisor hypervisor(host);
  static const bool made = [] {
    const virConnectPtr c = hypervisor.connection();
    virStoragePoolPtr pool = virStoragePoolCreateXML(
        c,
        "<pool type='dir'><name>default</name><target><path>/pool</path>"
        "</target></pool>",
        0);
    BOOST_REQUIRE(pool);
    virStoragePoolFree(pool);
    virNetworkPtr network = virNetworkCreateXML(
        c, "<network><name>default</name></network>");
    BOOST_REQUIRE(network);
    virNetworkFree(network);
    Pool(hypervisor, "default")
        .create("debian.qcow2",
                "<volume><name>debian.qcow2</name><capacity unit='bytes'>"
                "16777216</capacity><target><format type='qcow2'/></target>"
                "</volume>");
    return true;
  }();
  (void)made;
  return hypervisor;
}

struct Host {
  ~Host() { run(provision_clean, "debian"); }
  StepDone run(HostStep step, const std::string& image,
               json::object more = {}) {
    json::object arguments = {
        {"site", kOurSite}, {"server", server}, {"job", job}, {"image", image}};
    for (auto& [name, value] : more) arguments[name] = value;
    HostCall call{test_host(), arguments, Deadline::in_s(60), link, report};
    return step(call);
  }
  // As the worker does, but for the bytes of the seed.
  void make() {
    const StepDone image = run(provision_check, "debian");
    run(provision_disk, "debian", image.note.as_object());
    Making making;
    making.site = kOurSite;
    making.server = server;
    making.job = job;
    pool().create(making.seed(), seed_xml(making, 4096));
    run(provision_define, "debian", {{"mac", "52:54:00:00:00:01"}});
    run(provision_start, "debian");
  }
  std::string refusal(HostStep step, const std::string& image,
                      const json::object& more = {}) {
    try {
      run(step, image, more);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  Pool pool() const { return Pool(test_host(), "default"); }
  bool has_domain() const { return bool(test_host().find(server)); }
  std::size_t volumes() const { return pool().volumes().size(); }

  std::string server = "qa7";
  std::int64_t job = 12;
  Link link{Fd()};
  Collected report;
};

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(provision, Host)

BOOST_AUTO_TEST_CASE(what_cannot_be_made_is_refused_and_nothing_is) {
  BOOST_TEST(mentions(refusal(provision_check, "gone"),
                      "has no volume gone.qcow2 (image gone)"));
  BOOST_TEST(
      mentions(refusal(provision_check, "adrift"), "find network nowhere"));
  BOOST_TEST(mentions(refusal(provision_check, "huge"), "but `room` requires"));
  BOOST_TEST(mentions(refusal(provision_check, "small"),
                      "(16 MiB) is larger than the disk"));
  BOOST_TEST(mentions(refusal(provision_check, "none"),
                      "no longer configured for host"));
  server = "other";
  BOOST_TEST(mentions(refusal(provision_check, "debian"),
                      "a domain of that name exists"));
  server = "qa7";
  BOOST_TEST(volumes() == 1u);
  BOOST_TEST(!has_domain());
}

BOOST_AUTO_TEST_CASE(a_server_is_made_and_known_again) {
  make();
  const DomainHandle domain = test_host().domain(server);
  BOOST_TEST(test_host().state(domain.get()) == int{VIR_DOMAIN_RUNNING});
  const auto by = made_by(test_host().describe(domain.get()));
  BOOST_TEST_REQUIRE(by.has_value());
  BOOST_TEST(by->job == 12);
  BOOST_TEST(mentions(refusal(provision_check, "debian"),
                      ", created by job 12; remove it"));
  BOOST_TEST(mentions(
      refusal(provision_define, "debian", {{"mac", "52:54:00:00:00:02"}}),
      "a domain of that name exists now"));
}

BOOST_AUTO_TEST_CASE(cleaning_removes_what_this_job_made_and_no_more) {
  make();
  Making other;
  other.site = kOurSite;
  other.server = server;
  other.job = 121;
  pool().create(other.disk(), seed_xml(other, 4096).replace(
                                  seed_xml(other, 4096).find("iso"), 3,
                                  "qcow2"));
  job = 11;
  BOOST_TEST(
      mentions(run(provision_clean, "debian").message, "nothing to remove"));
  BOOST_TEST(has_domain());
  job = 12;
  const std::string said = run(provision_clean, "debian").message;
  BOOST_TEST(mentions(said, "domain qa7"));
  BOOST_TEST(mentions(said, "volume berth-01234567-qa7-12.qcow2"));
  BOOST_TEST(mentions(said, "volume berth-01234567-qa7-12.iso"));
  BOOST_TEST(!has_domain());
  BOOST_TEST(bool(pool().find(other.disk())));
  BOOST_TEST(bool(pool().find("debian.qcow2")));
  BOOST_TEST(
      mentions(run(provision_clean, "debian").message, "nothing to remove"));
  pool().remove(other.disk());
}

BOOST_AUTO_TEST_CASE(cleaning_after_each_step_leaves_nothing) {
  const std::size_t before = volumes();
  for (int steps = 0; steps < 5; ++steps) {
    StepDone image = run(provision_check, "debian");
    Making making;
    making.site = kOurSite;
    making.server = server;
    making.job = job;
    if (steps > 0) run(provision_disk, "debian", image.note.as_object());
    if (steps > 1) pool().create(making.seed(), seed_xml(making, 4096));
    if (steps > 2) {
      run(provision_define, "debian", {{"mac", "52:54:00:00:00:01"}});
    }
    if (steps > 3) run(provision_start, "debian");
    run(provision_clean, "debian");
    BOOST_TEST(volumes() == before);
    BOOST_TEST(!has_domain());
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_somebody_else_took_is_left_alone) {
  make();
  run(provision_clean, "debian");
  const DomainHandle theirs(virDomainDefineXML(
      test_host().connection(),
      "<domain type='test'><name>qa7</name><memory>131072</memory><os>"
      "<type>hvm</type></os></domain>"));
  BOOST_REQUIRE(theirs);
  BOOST_TEST(
      mentions(run(provision_clean, "debian").message, "nothing to remove"));
  BOOST_TEST(has_domain());
  BOOST_TEST(mentions(refusal(provision_start, "debian"),
                      "another domain has its name"));
  virDomainUndefine(theirs.get());
}

BOOST_AUTO_TEST_CASE(a_retirement_looks_first_and_takes_its_own_volumes) {
  make();
  pool().remove("berth-01234567-qa7-12.iso");  // as `tidy` does
  const StepDone seen = run(retire_look, "");
  const std::string uuid(seen.note.at("uuid").as_string());
  BOOST_TEST(mentions(seen.message, "UUID " + uuid));
  BOOST_TEST(mentions(report.said,
                      "removed: domain qa7 on host kvm1, running"));
  BOOST_TEST(
      mentions(report.said, "removed: volume berth-01234567-qa7-12.qcow2"));
  BOOST_TEST(has_domain());
  BOOST_TEST(
      mentions(refusal(retire_do, "",
                       {{"uuid", "00000000-0000-0000-0000-000000000000"}}),
               "it is another domain now"));
  // Whoever resumes it finds it gone, and that is well.
  for (int times = 0; times < 2; ++times) {
    BOOST_TEST(mentions(run(retire_do, "", {{"uuid", uuid}}).message,
                        "retired qa7 from host kvm1"));
    BOOST_TEST(!has_domain());
    BOOST_TEST(volumes() == 1u);  // the image
  }
}

BOOST_AUTO_TEST_CASE(a_seed_that_was_left_goes_with_its_server) {
  make();
  const StepDone seen = run(retire_look, "");
  BOOST_TEST(
      mentions(report.said, "removed: volume berth-01234567-qa7-12.iso"));
  run(retire_do, "", {{"uuid", std::string(seen.note.at("uuid").as_string())}});
  BOOST_TEST(volumes() == 1u);  // the image
}

BOOST_AUTO_TEST_CASE(of_a_domain_that_berth_did_not_make_no_volume_goes) {
  pool().create("theirs.qcow2",
                "<volume><name>theirs.qcow2</name><capacity>1024</capacity>"
                "</volume>");
  // It names our site, our image and somebody's volume as its own.
  const DomainHandle theirs(virDomainDefineXML(
      test_host().connection(),
      "<domain type='test'><name>qa7</name><metadata><berth:server "
      "xmlns:berth='urn:berth:server:1' site='"
      "0123456789abcdef0123456789abcdef' server='qa7' job='12' "
      "pool='default'><berth:volume>debian.qcow2</berth:volume>"
      "<berth:volume>theirs.qcow2</berth:volume></berth:server></metadata>"
      "<memory>131072</memory><os><type>hvm</type></os><devices><disk "
      "type='file' device='disk'><source file='/pool/theirs.qcow2'/><target "
      "dev='vda' bus='virtio'/></disk></devices></domain>"));
  BOOST_REQUIRE(theirs);
  const StepDone seen = run(retire_look, "");
  BOOST_TEST(mentions(report.said, "kept: disk /pool/theirs.qcow2"));
  run(retire_do, "", {{"uuid", std::string(seen.note.at("uuid").as_string())}});
  BOOST_TEST(!has_domain());
  BOOST_TEST(bool(pool().find("theirs.qcow2")));
  BOOST_TEST(bool(pool().find("debian.qcow2")));
  pool().remove("theirs.qcow2");
}

BOOST_AUTO_TEST_CASE(a_volume_that_another_lies_over_is_not_removed) {
  make();
  pool().remove("berth-01234567-qa7-12.iso");
  pool().create("over.qcow2",
                "<volume><name>over.qcow2</name><capacity>1024</capacity>"
                "<backingStore><path>" +
                    pool().path(
                        pool().find("berth-01234567-qa7-12.qcow2").get()) +
                    "</path></backingStore></volume>");
  const StepDone seen = run(retire_look, "");
  BOOST_TEST(mentions(
      refusal(retire_do, "",
              {{"uuid", std::string(seen.note.at("uuid").as_string())}}),
      "it is the backing store of volume over.qcow2 of pool"));
  BOOST_TEST(has_domain());
  pool().remove("over.qcow2");
}

BOOST_AUTO_TEST_SUITE_END()
