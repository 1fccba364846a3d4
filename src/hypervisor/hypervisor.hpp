// SPDX-License-Identifier: GPL-2.0-or-later
// The read-write libvirt connection of a job to a [host.*] of berth.conf. It
// finds the domain of a server there and turns libvirt's messages into errors.
//
// Only berth-hypervisor uses it (main.cpp), which is a program of its own for
// two reasons. Any libvirt call, including virConnectOpen, can block for as
// long as the host likes, and only the end of the process ends it:
// worker/machine/on_host.hpp starts one process per step and kills it at the
// step's deadline or on a cancel. And loading libvirt takes longer than a
// worker's whole start, which every build would have to pay.
//
// A connection that breaks, or cannot be made, throws Away; what the host
// refuses throws an Error with libvirt's message as its cause.
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
  // One per process, because it registers libvirt's default event loop.
  explicit Hypervisor(const HostConfig& host);
  ~Hypervisor();
  Hypervisor(const Hypervisor&) = delete;
  Hypervisor& operator=(const Hypervisor&) = delete;

  virConnectPtr connection() const { return connection_; }
  const HostConfig& host() const { return host_; }
  // "QEMU", "Test"; empty when libvirt does not report it.
  std::string kind() const;

  // The name of a server's domain on this host: the one that `aliases` maps to
  // the server, or the server's own name.
  std::string domain_name(const std::string& server) const;
  // Empty when the host has no domain of that name.
  DomainHandle find(const std::string& server) const;
  // The same, but throws Error when there is none.
  DomainHandle domain(const std::string& server) const;
  int state(virDomainPtr domain) const;  // virDomainState
  // The definition, or that of the running domain: `flags` are libvirt's.
  pugi::xml_document describe(virDomainPtr domain, unsigned flags = 0) const;

  // Runs libvirt's event loop for at most this long, or until an event arrived;
  // callbacks are called from here.
  void turn(std::int64_t at_most_ms);

  // Throws Away or Error with libvirt's last message: "ACTION SUBJECT:
  // message".
  [[noreturn]] void fail(const std::string& action,
                         const std::string& subject) const;

 private:
  HostConfig host_;
  virConnectPtr connection_ = nullptr;
  int timer_ = -1;
};

// Copies and frees a text that libvirt allocated; empty for null.
std::string take_text(char* text);

}  // namespace berth::hypervisor
