// SPDX-License-Identifier: GPL-2.0-or-later
// The seed that a new server reads at its first boot: a NoCloud seed for
// cloud-init, which is an ISO image with the label CIDATA that contains the
// server's name, its network, an ssh host key and the enrolment
// (store/enrolment.hpp). The key is created here, so that it is known before
// the server exists and even the first connection is checked strictly. Its
// private half is only in this folder, as long as the object exists, and in the
// seed's volume, until the server is enrolled.
//
// The files are JSON, which is also YAML, so that the JSON library does the
// quoting. xorriso creates the ISO: it is maintained, in Debian, and small.
// Rejected: genisoimage (cdrkit is not maintained), mtools (needs a second
// program to create the file system), and an ISO 9660 writer of Berth's own.
#pragma once

#include <string>

#include "base/config.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

class Seed {
 public:
  // In run/JOB.seed, 0700; first removes what an earlier worker left there.
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
// DHCP on the network card with this address.
std::string network_config(const std::string& mac);

// Removes the folder of the job's seed, whichever worker created it.
void remove_seed_folder(const Context& context);

}  // namespace berth::worker
