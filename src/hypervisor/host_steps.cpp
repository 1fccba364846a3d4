// SPDX-License-Identifier: GPL-2.0-or-later
#include "hypervisor/host_steps.hpp"

#include "hypervisor/power.hpp"
#include "hypervisor/provision.hpp"
#include "hypervisor/retire.hpp"
#include "hypervisor/snapshot.hpp"

namespace berth::hypervisor {
namespace {

struct Named {
  const char* name;
  HostStep step;
};

constexpr Named kSteps[] = {
    {"power", power_on_host},
    {"snapshot", snapshot_on_host},
    {"provision-check", provision_check},
    {"provision-disk", provision_disk},
    {"provision-seed", provision_seed},
    {"provision-define", provision_define},
    {"provision-start", provision_start},
    {"provision-tidy", provision_tidy},
    {"provision-clean", provision_clean},
    {"retire-look", retire_look},
    {"retire-do", retire_do},
};

}  // namespace

HostStep host_step(const std::string& name) {
  for (const Named& one : kSteps) {
    if (name == one.name) return one.step;
  }
  return nullptr;
}

// "told" is also the name in the records of earlier versions (store/steps.hpp).
void HostCall::begun() const { link.send({{"told", true}}); }

void HostCall::hold_on() const {
  link.check();
  if (flag("commit") && !link.ask("commit")) {
    throw Interrupted{Interrupted::Why::cancel};
  }
  link.shield();
  link.send({{"told", true}, {"whole", true}});
}

std::string HostCall::text(const char* argument) const {
  return string_or(arguments, argument, "");
}

std::int64_t HostCall::number(const char* argument) const {
  return int64_or(arguments, argument, 0);
}

bool HostCall::flag(const char* argument) const {
  return bool_or(arguments, argument, false);
}

}  // namespace berth::hypervisor
