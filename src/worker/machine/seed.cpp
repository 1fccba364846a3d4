// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/seed.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/atomic_file.hpp"
#include "base/base64.hpp"
#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/programs.hpp"
#include "base/text.hpp"
#include "store/enrolment.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kProgramTime = 60;  // seconds

std::string folder_of(const Context& context) {
  return context.config.paths.run + "/" + std::to_string(context.job.id) +
         ".seed";
}

void run_or_throw(const Context& context, const std::string& what,
                  const std::vector<std::string>& command) {
  const RunResult result =
      run_program(command, confined_seed(folder_of(context)), context.link,
                  Deadline::in_s(kProgramTime));
  if (!result.status.ok()) throw Error("create", what, complaint(result));
}

void put(const std::string& folder, const char* name,
         const std::string& text) {
  write_durably(Dir(folder), name, text, 0600);
}

std::string get(const std::string& folder, const char* name) {
  const auto text = Dir(folder).read(name, 64 * 1024);
  if (!text) throw Error("read", folder + "/" + name, "it does not exist");
  return *text;
}

std::string own_home() {
  const passwd* me = ::getpwuid(::geteuid());
  if (!me) throw Error("find", "berth's home", "this user has no account");
  return me->pw_dir;
}

}  // namespace

Seed::Seed(const Context& context, const std::string& mac)
    : folder_(folder_of(context)), file_(folder_ + "/seed.iso") {
  const std::string& server = context.job.server;
  const std::string tar =
      enrolment_tar(guest_folder(), guest_conf_for(context.config, server),
                    public_key_of(own_home()),
                    join(context.config.guest_from, ","));
  remove_seed_folder(context);
  if (::mkdir(folder_.c_str(), 0700) != 0) throw_errno("create", folder_);
  run_or_throw(context, "a host key",
               {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", server,
                "-f", folder_ + "/key"});
  const std::string line = get(folder_, "key.pub");
  const auto words = split(line.substr(0, line.find('\n')), ' ');
  if (words.size() < 2) {
    throw Error("create", "a host key", "ssh-keygen wrote no public key");
  }
  host_key_ = words[0] + " " + words[1];
  put(folder_, "user-data",
      user_data(server, get(folder_, "key"), host_key_ + " " + server, tar));
  put(folder_, "meta-data",
      meta_data(server, context.names.site() + "-" +
                            std::to_string(context.job.id)));
  put(folder_, "network-config", network_config(mac));
  run_or_throw(context, "the seed",
               {"xorriso", "-as", "mkisofs", "-quiet", "-volid", "CIDATA",
                "-joliet", "-rock", "-output", file_, folder_ + "/user-data",
                folder_ + "/meta-data", folder_ + "/network-config"});
}

Seed::~Seed() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::int64_t Seed::bytes() const {
  struct stat found {};
  if (::stat(file_.c_str(), &found) != 0) throw_errno("read", file_);
  return found.st_size;
}

void remove_seed_folder(const Context& context) {
  std::error_code error;
  std::filesystem::remove_all(folder_of(context), error);
  if (error) throw Error("remove", folder_of(context), error.message());
}

std::string user_data(const std::string& server, const std::string& private_key,
                      const std::string& public_key,
                      const std::string& enrolment) {
  constexpr const char* kTar = "/run/berth-enroll.tar";
  std::string command = "exec <";
  command.append(kTar).append(" && ").append(kEnrolCommand);
  const json::value out = {
      {"hostname", server},
      {"preserve_hostname", false},
      // Create no account in addition to those of the image.
      {"users", json::array()},
      {"ssh_pwauth", false},
      {"ssh_deletekeys", true},
      {"ssh_keys",
       {{"ed25519_private", private_key}, {"ed25519_public", public_key}}},
      {"write_files", json::array{{{"path", kTar},
                                   {"permissions", "0600"},
                                   {"encoding", "b64"},
                                   {"content", to_base64(enrolment)}}}},
      {"runcmd", json::array{json::array{"sh", "-c", command}}}};
  return "#cloud-config\n" + json::serialize(out) + "\n";
}

std::string meta_data(const std::string& server, const std::string& instance) {
  const json::value out = {{"instance-id", instance},
                           {"local-hostname", server}};
  return json::serialize(out) + "\n";
}

std::string network_config(const std::string& mac) {
  const json::value out = {
      {"version", 2},
      {"ethernets",
       {{"first", {{"match", {{"macaddress", mac}}}, {"dhcp4", true}}}}}};
  return json::serialize(out) + "\n";
}

}  // namespace berth::worker
