// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/power.hpp"

#include <libvirt/virterror.h>

#include "store/host_state.hpp"

namespace berth::hypervisor {
namespace {

constexpr std::int64_t kPowerLook = 250;  // ms between two looks at the state

// Whether the host saw the guest being reset since this was made.
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
        told_(call.flag("told")),
        domain_(host_.domain(server_)) {}

  StepDone start() {
    const int before = state();
    if (before == VIR_DOMAIN_RUNNING || before == VIR_DOMAIN_BLOCKED) {
      return {server_ + (told_ ? " runs" : " was running already"), nullptr};
    }
    call_.told();
    if (before == VIR_DOMAIN_PAUSED) {
      check(virDomainResume(domain_.get()), "resume");
    } else if (before == VIR_DOMAIN_PMSUSPENDED) {
      check(virDomainPMWakeup(domain_.get(), 0), "wake up");
    } else {
      check(virDomainCreate(domain_.get()), "start");
    }
    wait_until_it_runs();
    return {server_ + " runs", nullptr};
  }

  StepDone shut_down() {
    if (is_off(state())) {
      return {server_ + (told_ ? " is shut off" : " was shut off already"),
              nullptr};
    }
    const bool force = call_.flag("force");
    if (force || !told_) {
      call_.told();
      check(force ? virDomainDestroy(domain_.get())
                  : virDomainShutdown(domain_.get()),
            force ? "pull the plug of" : "shut down");
    }
    wait([this] { return is_off(state()); },
         "it did not shut down within " + patience() +
             ": its system does not listen to the power button, or hangs; "
             "shut it down by force (its plug is pulled), or reset it");
    return {server_ + " is shut off", nullptr};
  }

  StepDone reboot() {
    require_on("reboot");
    const ResetSeen reset(host_.connection(), domain_.get());
    if (!told_) {
      call_.told();
      check(virDomainReboot(domain_.get(), VIR_DOMAIN_REBOOT_DEFAULT),
            "reboot");
      wait_for_reset(reset);
    }
    wait_until_it_runs();
    return {server_ + " was rebooted", nullptr};
  }

  StepDone reset() {
    require_on("reset");
    if (!told_) {
      call_.told();
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

  // What was told to reboot and then went off is started: a guest may be made
  // so that it stays off.
  void require_on(const std::string& action) {
    const int now = state();
    if (!is_off(now)) return;
    if (!told_) {
      throw Error(action, server_, "it is " + state_words(now) +
                                       "; start it");
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

  // The test driver reboots within the call, and QEMU's tells.
  void wait_for_reset(const ResetSeen& reset) {
    if (host_.kind() != "QEMU") return;
    wait(
        [&] {
          // on_reboot may say that it stays off.
          return reset.seen() || is_off(state());
        },
        "it did not go down within " + patience() +
            ": its system does not listen to the power button, or hangs; "
            "reset it");
    if (!is_off(state())) return;
    check(virDomainCreate(domain_.get()), "start");
  }

  void wait_until_it_runs() {
    wait(
        [this] {
          const int now = state();
          return now == VIR_DOMAIN_RUNNING || now == VIR_DOMAIN_BLOCKED;
        },
        "it does not run after " + patience());
  }

  HostCall& call_;
  Hypervisor& host_;
  std::string server_;
  bool told_;
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
  throw Error("do", "'" + action + "'", "no such action");
}

}  // namespace berth::hypervisor
