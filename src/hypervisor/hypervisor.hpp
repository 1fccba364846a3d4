// SPDX-License-Identifier: GPL-2.0-or-later
// A [host.*] of berth.conf as a job changes it: one read-write libvirt
// connection, the domain that is a server there, and libvirt's words as
// errors. Known to berth-hypervisor alone (hypervisor_main.cpp), a program of
// its own for two reasons. Any call can block for as long as the host likes -
// virConnectOpen, too - and only the end of its process ends it: on_host.hpp
// starts one for a step and kills it at the step's deadline or a cancel. And
// to load libvirt takes longer than a worker's whole start, which every build
// would pay.
//
// A connection that breaks, or cannot be made, is Away; what the host refuses
// is an Error with libvirt's words as its cause.
#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>
#include <type_traits>

#include "base/config.hpp"
#include "base/xml.hpp"
#include "step/stop.hpp"

namespace berth::hypervisor {

struct DomainFree {
  void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using DomainHandle =
    std::unique_ptr<std::remove_pointer_t<virDomainPtr>, DomainFree>;

class Hypervisor {
 public:
  // One per process: libvirt's own event loop is registered here.
  explicit Hypervisor(const HostConfig& host);
  ~Hypervisor();
  Hypervisor(const Hypervisor&) = delete;
  Hypervisor& operator=(const Hypervisor&) = delete;

  virConnectPtr connection() const { return connection_; }
  const HostConfig& host() const { return host_; }
  // "QEMU", "Test"; empty when it does not say.
  std::string kind() const;

  // What a server is called there: the domain that `aliases` gives this name,
  // or its own.
  std::string domain_name(const std::string& server) const;
  // Empty when the host has none of that name.
  DomainHandle find(const std::string& server) const;
  // The same, and an Error when there is none.
  DomainHandle domain(const std::string& server) const;
  int state(virDomainPtr domain) const;  // virDomainState
  // As defined, or of what runs: flags are libvirt's.
  pugi::xml_document describe(virDomainPtr domain, unsigned flags = 0) const;

  // Lets events in for so long (or until one came); their callbacks are
  // called from here.
  void turn(std::int64_t at_most_ms);

  // What libvirt said last, as Away or Error: "ACTION SUBJECT: words".
  [[noreturn]] void fail(const std::string& action,
                         const std::string& subject) const;

 private:
  HostConfig host_;
  virConnectPtr connection_ = nullptr;
  int timer_ = -1;
};

// A text that libvirt allocated, freed; empty for null.
std::string take_text(char* text);

}  // namespace berth::hypervisor
