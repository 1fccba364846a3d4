// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/host_keys.hpp"

#include <boost/test/unit_test.hpp>

#include "base/child.hpp"
#include "base/text.hpp"
#include "temporary_dir.hpp"

BOOST_AUTO_TEST_SUITE(host_keys)

using namespace berth;
using namespace berth::ctl;

namespace {

// "TYPE BASE64" of a new key.
std::string made(const std::string& type) {
  const TemporaryDir dir;
  const auto done = run({"ssh-keygen", "-q", "-t", type, "-N", "", "-f",
                         dir / "key"}, 60'000, 4096);
  BOOST_REQUIRE(done.status.ok());
  const auto words = split(dir.get("key.pub"), ' ');
  return words.at(0) + " " + words.at(1);
}

}  // namespace

// Otherwise a guest could show another's key without its being noticed.
BOOST_AUTO_TEST_CASE(a_key_goes_by_one_name_and_one_text) {
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    BOOST_TEST(is_as_ssh_writes(made(type)), type);
  }
  const std::string rsa = made("rsa");
  const std::string bytes = rsa.substr(rsa.find(' ') + 1);
  for (const std::string& key :
       {"rsa-sha2-512 " + bytes, "ssh-ed25519 " + bytes,
        "ssh-rsa " + bytes + "AAAA", "ssh-rsa " + bytes.substr(0, 40),
        std::string("ssh-rsa"), std::string("ssh-ed25519 AAAA"),
        std::string()}) {
    BOOST_TEST(!is_as_ssh_writes(key), key);
  }
}

BOOST_AUTO_TEST_SUITE_END()
