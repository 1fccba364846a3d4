// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/sequence.hpp"

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"

namespace berth {
namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string site_uuid(const Dir& lib, bool create) {
  if (const auto text = lib.read("site", 256)) {
    const std::string uuid = first_line(*text);
    try {
      if (boost::uuids::to_string(boost::uuids::string_generator()(uuid)) ==
          uuid) {
        return uuid;
      }
    } catch (const std::runtime_error&) {
    }
    throw Error("read", lib.path_of("site"), "must contain a uuid");
  }
  if (!create) {
    throw Error("read", lib.path_of("site"),
                "no such file; berthd makes it at its first start");
  }
  const std::string uuid =
      boost::uuids::to_string(boost::uuids::random_generator()());
  write_durably(lib, "site", uuid + "\n", 0644);
  return uuid;
}

std::string site8(const std::string& uuid) { return uuid.substr(0, 8); }

Sequence::Sequence(const Dir& lib) : lib_(lib) {
  const auto text = lib.read("sequence", 64);
  if (!text) return;
  const auto last = number_in(first_line(*text), "", "");
  if (!last) {
    throw Error("read", lib.path_of("sequence"), "must contain a number");
  }
  last_ = *last;
}

std::int64_t Sequence::next(std::int64_t seen) {
  last_ = std::max(last_, seen);
  write_durably(lib_, "sequence", std::to_string(last_ + 1) + "\n");
  return ++last_;
}

}  // namespace berth
