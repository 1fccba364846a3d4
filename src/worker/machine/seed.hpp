// SPDX-License-Identifier: GPL-2.0-or-later
// What a new server reads at its first boot: a NoCloud seed for cloud-init, an
// ISO image with the label CIDATA that holds its name, its network, an ssh host
// key and the enrolment (store/enrolment.hpp). The key is made here, so that
// it is known before there is a server: already the first connection is checked
// strictly. Its private half is nowhere but in this folder, for as long as the
// object lives, and in the seed's volume, until the server is enrolled.
//
// The files are JSON, which is YAML too, so that our JSON library does the
// quoting. The ISO is made by xorriso: well kept, in Debian, small. Rejected:
// genisoimage (nobody maintains cdrkit), mtools (a second program to make the
// file system), and an ISO 9660 writer of our own.
#pragma once

#include <string>

#include "base/config.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

class Seed {
 public:
  // In run/JOB.seed, 0700; what an earlier worker left there goes first.
  Seed(const Context& context, const std::string& mac);
  ~Seed();
  Seed(const Seed&) = delete;
  Seed& operator=(const Seed&) = delete;

  const std::string& file() const { return file_; }  // the ISO
  std::int64_t bytes() const;
  const std::string& host_key() const { return host_key_; }  // "TYPE BASE64"

 private:
  std::string folder_;
  std::string file_;
  std::string host_key_;
};

// "#cloud-config" and one line of JSON.
std::string user_data(const std::string& server, const std::string& private_key,
                      const std::string& public_key,
                      const std::string& enrolment);
std::string meta_data(const std::string& server, const std::string& instance);
// DHCP on the card with this address.
std::string network_config(const std::string& mac);

// The folder of a job's seed goes, whoever left it.
void remove_seed_folder(const Context& context);

}  // namespace berth::worker
