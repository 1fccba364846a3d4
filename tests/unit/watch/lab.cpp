// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "base/clock.hpp"
#include "watch/connection.hpp"

namespace berth::watch {
namespace {

constexpr const char* kLibvirtd = "/usr/sbin/libvirtd";
constexpr uid_t kNobody = 65534;

}  // namespace

EventLoop& the_loop() {
  static EventLoop loop;
  static const bool silent = (silence_libvirt(), true);
  (void)silent;
  return loop;
}

bool turn_until(const std::function<bool()>& done, std::int64_t ms) {
  Timer tick(the_loop(), [] {});
  tick.every(20);
  const std::int64_t end = monotonic_ms() + ms;
  while (!done()) {
    if (monotonic_ms() > end) return false;
    the_loop().turn();
  }
  return true;
}

bool PrivateLibvirtd::installed() {
  return ::access(kLibvirtd, X_OK) == 0 &&
         ::access("/usr/bin/virsh", X_OK) == 0;
}

PrivateLibvirtd::PrivateLibvirtd(const TemporaryDir& dir)
    : folder_(dir / "libvirtd") {
  dir.put("libvirtd/libvirtd.conf",
          "unix_sock_dir = \"" + folder_ + "\"\n" +
              "listen_tls = 0\nlisten_tcp = 0\nauth_unix_ro = \"none\"\n"
              "auth_unix_rw = \"none\"\nlog_outputs = \"3:file:" +
              folder_ + "/log\"\n");
  if (::geteuid() != 0) return;
  if (::chmod(dir.path().c_str(), 0711) != 0 ||
      ::chown(folder_.c_str(), kNobody, kNobody) != 0) {
    throw std::runtime_error("cannot give libvirtd its folder");
  }
}

void PrivateLibvirtd::start() {
  std::vector<std::string> argv;
  if (::geteuid() == 0) {
    argv = {"setpriv",        "--reuid=65534", "--regid=65534",
            "--clear-groups", "--pdeathsig",   "KILL"};
  }
  for (const char* word : {kLibvirtd, "-f"}) argv.emplace_back(word);
  argv.push_back(folder_ + "/libvirtd.conf");
  argv.push_back("-p");
  argv.push_back(folder_ + "/pid");
  ChildOptions options;
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                         "HOME=" + folder_, "XDG_RUNTIME_DIR=" + folder_,
                         "XDG_CONFIG_HOME=" + folder_,
                         "XDG_CACHE_HOME=" + folder_};
  child_ = std::make_unique<Child>(Child::start(argv, options));
  const std::int64_t end = monotonic_ms() + 15'000;
  for (;;) {
    if (run({"virsh", "-q", "-c", uri(), "list"}, 5'000).status.ok()) return;
    if (child_->poll_exit() || monotonic_ms() > end) {
      std::ifstream log(folder_ + "/log");
      throw std::runtime_error(
          "libvirtd did not start: " +
          std::string(std::istreambuf_iterator<char>(log), {}));
    }
    ::usleep(50'000);
  }
}

void PrivateLibvirtd::kill_hard() {
  child_.reset();
}

std::string PrivateLibvirtd::uri() const {
  return "test+unix:///default?socket=" + folder_ + "/libvirt-sock";
}

std::string PrivateLibvirtd::virsh(std::vector<std::string> words) const {
  words.insert(words.begin(), {"virsh", "-q", "-c", uri()});
  const RunResult result = run(words, 10'000);
  if (!result.status.ok()) throw std::runtime_error("virsh: " + result.err);
  return result.out;
}

std::string domain_xml(const std::string& name) {
  return "<domain type='test'><name>" + name +
         "</name><memory>131072</memory><vcpu>2</vcpu>"
         "<os><type>hvm</type></os></domain>\n";
}

}  // namespace berth::watch
