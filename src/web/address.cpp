// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/address.hpp"

#include <algorithm>
#include <vector>

#include "base/origin.hpp"
#include "base/text.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

std::vector<Origin> origins_of(const std::vector<std::string>& urls) {
  std::vector<Origin> out;
  for (const auto& url : urls) {
    if (const auto origin = origin_of(url)) out.push_back(*origin);
  }
  return out;
}

std::vector<Origin> own_origins(const Config& config) {
  std::vector<std::string> urls = config.urls;
  urls.insert(urls.begin(), config.url);
  return origins_of(urls);
}

bool is_of(const std::string& url, const std::vector<Origin>& origins) {
  const auto origin = origin_of(url);
  return origin &&
         std::find(origins.begin(), origins.end(), *origin) != origins.end();
}

void refuse_page(const std::string& url, const Config& config) {
  if (url.empty() || is_of(url, own_origins(config))) return;
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
                      ", but the request was for " +
                      (request.host.empty()
                           ? "no host (HTTP/1.0 without a Host header)"
                           : "'" + printable(request.host, 100) + "'") +
                      "; use that address, or add the other one to `urls` of "
                      "[console] in berth.conf");
  }
  const bool by_our_site = is_of(
      request.site, config.virtual_hosts.empty()
                        ? own
                        : origins_of(config.virtual_hosts));
  if (by_our_site) return;
  throw Problem(421,
                "this console is at " + config.url +
                    ", but Apache answered with its site '" +
                    printable(request.site, 100) + "'; if that is the "
                    "console's <VirtualHost>, set its ServerName and port to "
                    "that address or, if TLS ends at a proxy, name it in "
                    "`virtual_hosts` of [console] in berth.conf");
}

void refuse_cross_site(const Request& request, const Config& config) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") {
    throw Problem(403, "the request comes from a page of another site; only "
                       "the console's own page may send it");
  }
  refuse_page(request.origin, config);
  refuse_page(request.referer, config);
}

}  // namespace berth::web
