// SPDX-License-Identifier: GPL-2.0-or-later
// What `pg_restore -l` tells of a dump that another wrote: the first line is a
// glob of tables to leave out, the rest the list.
#include <algorithm>

#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "worker/dump.hpp"
#include "worker/dump_names.hpp"
#include "worker/restore.hpp"

namespace berth::fuzz {

FUZZ(dump) {
  const std::string glob = take_line(input);
  static_cast<void>(worker::read_locale(input));
  try {
    static_cast<void>(worker::format_of(input, "a.dump"));
  } catch (const Error&) {
  }
  worker::Dump dump;
  try {
    worker::read_list(input, dump);
  } catch (const Error&) {
    return;
  }
  for (const worker::DumpItem& item : dump.items) {
    require(!item.line.empty() && item.line.find('\n') == item.line.npos &&
                input.find(item.line) != input.npos,
            "an item is a line of the list");
  }
  worker::DumpNames names(dump.items);
  names.finish();
  std::vector<worker::DumpItem> chosen;
  try {
    chosen = worker::chosen_items(dump.items, {glob});
  } catch (const Error&) {  // the glob meets nothing
    return;
  }
  require(chosen.size() <= dump.items.size(), "less is restored, not more");
  auto at = dump.items.begin();
  for (const worker::DumpItem& item : chosen) {
    at = std::find_if(at, dump.items.end(), [&](const auto& other) {
      return other.line == item.line;
    });
    require(at != dump.items.end(), "what is restored is in the dump's order");
    ++at;
  }
}

}  // namespace berth::fuzz
