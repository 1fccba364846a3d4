// SPDX-License-Identifier: GPL-2.0-or-later
// One read-only libvirt connection with its events. What a host says no to -
// away, refused, a domain that just vanished - is expected and comes back as
// a value with libvirt's own words; nothing of it is printed by libvirt.
//
// The callbacks come from the event loop. They may only note what happened:
// the connection must not be closed inside one.
#pragma once

#include <libvirt/libvirt.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/host_state.hpp"
#include "watch/event_loop.hpp"

namespace berth::watch {

// Silences libvirt's own printing; call once, first.
void silence_libvirt();

struct ConnectionEvents {
  // `restarted`: it started, or was reset.
  std::function<void(const std::string& uuid, bool restarted)> domain_changed;
  std::function<void(const std::string& reason)> lost;
};

class Connection {
 public:
  // nullptr and the reason when there is none to be had.
  static std::unique_ptr<Connection> open(EventLoop& loop,
                                          const std::string& uri,
                                          ConnectionEvents events,
                                          std::string& reason);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Every domain, `server` left empty; nullopt with the reason when the list
  // could not be read. `pause` is called between two domains.
  std::optional<std::vector<DomainState>> read_all(
      std::string& reason, const std::function<void()>& pause) const;
  // One domain as it is now.
  struct Reading {
    std::optional<DomainState> domain;
    bool gone = false;  // there is none (any more); else it could not be read
  };
  Reading read_one(const std::string& uuid) const;

 private:
  Connection(EventLoop& loop, virConnectPtr connection,
             ConnectionEvents events);
  void listen();
  static void on_domain(virConnectPtr, virDomainPtr domain, int event,
                        int detail, void* self);
  static void on_reset(virConnectPtr, virDomainPtr domain, void* self);
  void changed(virDomainPtr domain, bool restarted);
  static void on_close(virConnectPtr, int reason, void* self);

  EventLoop& loop_;
  virConnectPtr connection_;
  ConnectionEvents events_;
  int subscription_ = -1;
  int resets_ = -1;
  bool close_watched_ = false;
};

}  // namespace berth::watch
