// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/texts.hpp"

namespace berth {

std::vector<std::string> texts_from_json(const json::value& value,
                                         const std::string& where,
                                         const std::string& member) {
  std::vector<std::string> out;
  if (!value.is_array()) {
    throw JsonError(where + ": '" + member + "' must be a list", member);
  }
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) {
      throw JsonError(where + ": '" + member + "' must hold text", member);
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

}  // namespace berth
