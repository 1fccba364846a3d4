// SPDX-License-Identifier: GPL-2.0-or-later
// JSON of the structs that Boost.Describe knows: every described member is a
// member of the object, of its name and in the order of the description.
//
//   struct Lease { std::string user; Instant until; std::string note; };
//   BOOST_DESCRIBE_STRUCT(Lease, (), (user, until, note))
//   template <>
//   inline constexpr JsonRules kJsonRules<Lease>{.name = "lease",
//                                                .left_out = {"note"}};
//
//   to_json(lease)            {"user":"alice","until":"2026-..."}
//   from_json<Lease>(value)   or a JsonError of ObjectReader's
//
// It reads as strictly as ObjectReader, and by it: a member that is missing, of
// another type or unknown is named. An Instant is its text, a std::optional may
// be missing and is null without a value, a json::value is what it is, and a
// described struct is an object again, named by its member. Boost.JSON's own
// reading of described structs names no member in its error, wants each, and
// lets unknown ones pass.
//
// A document that has more than its struct - a version, a text for an enum -
// has a to_json() and a reader of its own, which call write_members() and
// read_members() among their own; from_json() refuses it, as what is beyond the
// struct is unknown.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace berth {

// `name` is what a T is called in messages. The members in the lists may be
// missing, or null, and then are as in a new T. While they are so, those that
// are `left_out` are not written, and those that are `nulled` are null.
struct JsonRules {
  const char* name = "object";
  const char* defaulted[8] = {};
  const char* left_out[8] = {};
  const char* nulled[8] = {};
};
template <class T>
inline constexpr JsonRules kJsonRules{};

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <Described T>
json::object to_json(const T& from);
// Throws JsonError.
template <Described T>
T from_json(const json::value& value,
            const std::string& where = kJsonRules<T>.name);
// null gives nullopt; or_null() writes it.
template <Described T>
std::optional<T> optional_from_json(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return from_json<T>(value);
}

namespace described {

template <class T>
using Members =
    boost::describe::describe_members<T, boost::describe::mod_public>;

constexpr bool has(const char* const (&names)[8], std::string_view name) {
  for (const char* each : names) {
    if (each && each == name) return true;
  }
  return false;
}

// Whether each rule is that of a member.
template <class T>
consteval bool rules_fit() {
  bool fit = true;
  const auto check = [&fit](const char* const (&names)[8]) {
    for (const char* name : names) {
      bool found = !name;
      boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        found = found || std::string_view(member.name) == name;
      });
      fit = fit && found;
    }
  };
  check(kJsonRules<T>.defaulted);
  check(kJsonRules<T>.left_out);
  check(kJsonRules<T>.nulled);
  return fit;
}

template <class T>
json::value write(const T& from) {
  if constexpr (Described<T>) {
    return to_json(from);
  } else if constexpr (requires { from.has_value(); }) {
    return from ? write(*from) : json::value(nullptr);
  } else if constexpr (requires {
                         requires Described<typename T::value_type>;
                       }) {
    json::array out;
    for (const auto& item : from) out.push_back(to_json(item));
    return out;
  } else {
    return json::value_from(from);
  }
}

}  // namespace described

// Reads one member, whether it is described or not.
template <class T>
void read_member(ObjectReader& in, std::string_view name, T& out) {
  if constexpr (std::same_as<T, std::string>) {
    out = in.string(name);
  } else if constexpr (std::same_as<T, bool>) {
    out = in.boolean(name);
  } else if constexpr (std::integral<T>) {
    out = static_cast<T>(in.integer(name));
  } else if constexpr (std::same_as<T, Instant>) {
    out = in.instant(name);
  } else if constexpr (std::same_as<T, std::vector<std::string>>) {
    out = in.strings(name);
  } else if constexpr (std::same_as<T, json::object>) {
    out = in.object(name);
  } else if constexpr (std::same_as<T, json::array>) {
    out = in.array(name);
  } else if constexpr (std::same_as<T, json::value>) {
    if (const json::value* found = in.optional_value(name)) out = *found;
  } else if constexpr (Described<T>) {
    out = from_json<T>(in.value(name), std::string(name));
  } else if constexpr (requires { out.push_back({}); }) {
    for (const json::value& item : in.array(name)) {
      out.push_back(from_json<typename T::value_type>(item));
    }
  } else if (in.optional_value(name)) {
    read_member(in, name, out.emplace());
  }
}

namespace described {

template <class T>
bool is_default(const T& value, const T& in_a_new_one) {
  if constexpr (requires { value.has_value(); }) {
    return !value.has_value();
  } else {
    return value == in_a_new_one;
  }
}

}  // namespace described

template <Described T>
void write_members(json::object& out, const T& from) {
  static_assert(described::rules_fit<T>());
  boost::mp11::mp_for_each<described::Members<T>>([&](auto member) {
    constexpr const JsonRules& rules = kJsonRules<T>;
    constexpr bool left_out = described::has(rules.left_out, member.name);
    constexpr bool nulled = described::has(rules.nulled, member.name);
    const auto& value = from.*member.pointer;
    if constexpr (left_out || nulled) {
      if (described::is_default(value, T{}.*member.pointer)) {
        if (nulled) out[member.name] = nullptr;
        return;
      }
    }
    out[member.name] = described::write(value);
  });
}

template <Described T>
void read_members(ObjectReader& in, T& out) {
  static_assert(described::rules_fit<T>());
  boost::mp11::mp_for_each<described::Members<T>>([&](auto member) {
    constexpr const JsonRules& rules = kJsonRules<T>;
    if constexpr (described::has(rules.defaulted, member.name) ||
                  described::has(rules.left_out, member.name) ||
                  described::has(rules.nulled, member.name)) {
      if (!in.optional_value(member.name)) return;
    }
    read_member(in, member.name, out.*member.pointer);
  });
}

template <Described T>
json::object to_json(const T& from) {
  json::object out;
  write_members(out, from);
  return out;
}

template <Described T>
json::value or_null(const std::optional<T>& from) {
  return described::write(from);
}

// So that json::value_from(), which knows described structs and not our rules,
// is ours: of those in namespace berth itself.
template <Described T>
void tag_invoke(json::value_from_tag, json::value& out, const T& from) {
  out = to_json(from);
}

template <Described T>
T from_json(const json::value& value, const std::string& where) {
  ObjectReader in(value, where);
  T out;
  read_members(in, out);
  in.finish();
  return out;
}

// Those of a list that can be read; see read_each() of json.hpp.
template <Described T>
void read_each(const json::value* list, const std::string& name,
               std::vector<std::string>& problems, std::vector<T>& out) {
  read_each(list, name, problems, [&out](const json::value& item) {
    out.push_back(from_json<T>(item));
  });
}
inline void read_each(const json::value* list, const std::string& name,
                      std::vector<std::string>& problems,
                      std::vector<std::string>& out) {
  read_each(list, name, problems, [&out](const json::value& item) {
    out.push_back(json::value_to<std::string>(item));
  });
}

}  // namespace berth
