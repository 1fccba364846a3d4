// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/power.hpp"

#include <libvirt/virterror.h>

#include "store/host_state.hpp"

namespace berth::hypervisor {
namespace {

constexpr std::int64_t kPowerLook = 250;  // ms between two checks of the state

// Records whether libvirt reported a reset of the guest since construction.
class ResetSeen {
 public:
  ResetSeen(virConnectPtr connection, virDomainPtr domain)
      : connection_(connection) {
    id_ = virConnectDomainEventRegisterAny(
        connection, domain, VIR_DOMAIN_EVENT_ID_REBOOT,
        VIR_DOMAIN_EVENT_CALLBACK(on_reset), this, nullptr);
  }
  ~ResetSeen() {
    if (id_ >= 0) virConnectDomainEventDeregisterAny(connection_, id_);
  }
  ResetSeen(const ResetSeen&) = delete;
  ResetSeen& operator=(const ResetSeen&) = delete;
  bool seen() const { return seen_; }

 private:
  static void on_reset(virConnectPtr, virDomainPtr, void* self) {
    static_cast<ResetSeen*>(self)->seen_ = true;
  }
  virConnectPtr connection_;
  int id_ = -1;
  bool seen_ = false;
};

class Power {
 public:
  explicit Power(HostCall& call)
      : call_(call),
        host_(call.hypervisor),
        server_(call.text("server")),
        begun_(call.flag("told")),
        domain_(host_.domain(server_)) {}

  StepDone start() {
    const int before = state();
    if (before == VIR_DOMAIN_RUNNING || before == VIR_DOMAIN_BLOCKED) {
      return {server_ + (begun_ ? " is running" : " was already running"),
              nullptr};
    }
    call_.begun();
    if (before == VIR_DOMAIN_PAUSED) {
      check(virDomainResume(domain_.get()), "resume");
    } else if (before == VIR_DOMAIN_PMSUSPENDED) {
      check(virDomainPMWakeup(domain_.get(), 0), "wake up");
    } else {
      check(virDomainCreate(domain_.get()), "start");
    }
    wait_until_it_runs();
    return {server_ + " is running", nullptr};
  }

  StepDone shut_down() {
    if (is_off(state())) {
      return {server_ + (begun_ ? " is shut off" : " was already shut off"),
              nullptr};
    }
    const bool force = call_.flag("force");
    if (force || !begun_) {
      call_.begun();
      check(force ? virDomainDestroy(domain_.get())
                  : virDomainShutdown(domain_.get()),
            force ? "force off" : "shut down");
    }
    wait([this] { return is_off(state()); },
         "it did not shut down within " + patience() +
             ": its system ignores the power button or hangs; shut it down by "
             "force (which cuts its power), or reset it");
    return {server_ + " is shut off", nullptr};
  }

  StepDone reboot() {
    require_on("reboot");
    const ResetSeen reset(host_.connection(), domain_.get());
    if (!begun_) {
      call_.begun();
      check(virDomainReboot(domain_.get(), VIR_DOMAIN_REBOOT_DEFAULT),
            "reboot");
      wait_for_reset(reset);
    }
    wait_until_it_runs();
    return {server_ + " was rebooted", nullptr};
  }

  StepDone reset() {
    require_on("reset");
    if (!begun_) {
      call_.begun();
      check(virDomainReset(domain_.get(), 0), "reset");
    }
    wait_until_it_runs();
    return {server_ + " was reset", nullptr};
  }

 private:
  static bool is_off(int state) {
    return state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_CRASHED;
  }
  int state() const { return host_.state(domain_.get()); }
  std::string patience() const { return call_.text("patience"); }

  // A server that is off after the order to reboot is started: its domain may
  // be defined to stay off.
  void require_on(const std::string& action) {
    const int now = state();
    if (!is_off(now)) return;
    if (!begun_) {
      throw Error(action, server_, "it is " + state_words(now) +
                                       "; start it first");
    }
    check(virDomainCreate(domain_.get()), "start");
  }

  void check(int result, const std::string& action) const {
    if (result != 0) host_.fail(action, server_);
  }

  template <class Done>
  void wait(Done done, const std::string& too_long) {
    while (!done()) {
      if (call_.deadline.passed()) throw Error(action(), server_, too_long);
      host_.turn(kPowerLook);
    }
  }

  std::string action() const {
    return call_.text("action") == "shutdown" ? "shut down"
                                              : call_.text("action");
  }

  // The test driver reboots within the call; only QEMU's reports a reset.
  void wait_for_reset(const ResetSeen& reset) {
    if (host_.kind() != "QEMU") return;
    wait(
        [&] {
          // Its on_reboot may be `destroy`.
          return reset.seen() || is_off(state());
        },
        "it did not go down within " + patience() +
            ": its system ignores the power button or hangs; reset it");
    if (!is_off(state())) return;
    check(virDomainCreate(domain_.get()), "start");
  }

  void wait_until_it_runs() {
    wait(
        [this] {
          const int now = state();
          return now == VIR_DOMAIN_RUNNING || now == VIR_DOMAIN_BLOCKED;
        },
        "it is not running after " + patience());
  }

  HostCall& call_;
  Hypervisor& host_;
  std::string server_;
  bool begun_;
  DomainHandle domain_;
};

}  // namespace

StepDone power_on_host(HostCall& call) {
  Power power(call);
  const std::string action = call.text("action");
  if (action == "start") return power.start();
  if (action == "shutdown") return power.shut_down();
  if (action == "reboot") return power.reboot();
  if (action == "reset") return power.reset();
  throw Error("run", "action '" + action + "'", "unknown action");
}

}  // namespace berth::hypervisor
