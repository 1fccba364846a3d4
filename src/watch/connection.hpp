// SPDX-License-Identifier: GPL-2.0-or-later
// A read-only libvirt connection with its events. What can fail on a host -
// unreachable, refused, a domain that just vanished - is returned as a value
// with libvirt's message; libvirt itself prints nothing.
//
// The callbacks are called by the event loop. They must only note what
// happened: the connection must not be closed in one.
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

// Silences libvirt's own output; call it once, before anything else.
void silence_libvirt();

struct ConnectionEvents {
  // `restarted`: the domain started, or was reset.
  std::function<void(const std::string& uuid, bool restarted)> domain_changed;
  std::function<void(const std::string& reason)> lost;
};

class Connection {
 public:
  // nullptr and a reason if the connection fails.
  static std::unique_ptr<Connection> open(EventLoop& loop,
                                          const std::string& uri,
                                          ConnectionEvents events,
                                          std::string& reason);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All domains, with `server` left empty; nullopt with a reason if the list
  // could not be read. `pause` is called between two domains.
  std::optional<std::vector<DomainState>> read_all(
      std::string& reason, const std::function<void()>& pause) const;
  // A domain as it is now.
  struct Reading {
    std::optional<DomainState> domain;
    bool gone = false;  // it does not exist (any longer)
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
