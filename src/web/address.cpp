// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/address.hpp"

#include <algorithm>
#include <vector>

#include "base/origin.hpp"
#include "base/text.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

std::vector<Origin> own_origins(const Config& config) {
  std::vector<Origin> out;
  if (const auto main = origin_of(config.url)) out.push_back(*main);
  for (const auto& url : config.urls) {
    if (const auto origin = origin_of(url)) out.push_back(*origin);
  }
  return out;
}

bool is_own_page(const std::string& url, const Config& config) {
  const auto origin = origin_of(url);
  const auto own = own_origins(config);
  return origin && std::find(own.begin(), own.end(), *origin) != own.end();
}

void refuse_page(const std::string& url, const Config& config) {
  if (url.empty() || is_own_page(url, config)) return;
  throw Problem(403, "the request comes from '" + printable(url, 100) +
                         "', not from the console at " + config.url +
                         " ([console] url and urls in berth.conf)");
}

}  // namespace

void refuse_other_address(const Request& request, const Config& config) {
  const auto own = own_origins(config);
  const bool to_us =
      std::any_of(own.begin(), own.end(), [&](const Origin& o) {
        return origin_of_host(o.scheme, request.host) == o;
      });
  if (!to_us) {
    throw Problem(421,
                  "this console is at " + config.url +
                      ", and the request was for " +
                      (request.host.empty()
                           ? "no host (HTTP/1.0 without a Host header)"
                           : "'" + printable(request.host, 100) + "'") +
                      "; use that address, or add the other one to `urls` of "
                      "[console] in berth.conf");
  }
  const bool by_our_site =
      std::any_of(own.begin(), own.end(), [&](const Origin& o) {
        const auto site = origin_of_host(o.scheme, request.site);
        return site && site->host == o.host;
      });
  if (by_our_site) return;
  throw Problem(421,
                "this console is at " + config.url +
                    ", and Apache's site '" + printable(request.site, 100) +
                    "' answered for it; give the console's <VirtualHost> the "
                    "ServerName of that address (Apache's berth.conf)");
}

void refuse_cross_site(const Request& request, const Config& config) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") {
    throw Problem(403, "a page of another site asked for this; only the "
                       "console's own page may");
  }
  refuse_page(request.origin, config);
  refuse_page(request.referer, config);
}

}  // namespace berth::web
