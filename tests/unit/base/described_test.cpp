// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/described.hpp"

#include <boost/test/unit_test.hpp>

namespace berth {

struct Berthed {
  std::string pier;
  std::optional<Instant> until;
};
BOOST_DESCRIBE_STRUCT(Berthed, (), (pier, until))

struct Ship {
  std::string name;
  Instant built = 0;
  std::int64_t tons = 0;
  bool sails = false;
  std::string flag = "none";
  std::string note;
  std::string owner;
  std::optional<Berthed> berth;
  std::vector<std::string> crew;
  std::vector<Berthed> visits;
  json::value extra;
};
BOOST_DESCRIBE_STRUCT(Ship, (),
                      (name, built, tons, sails, flag, note, owner, berth, crew,
                       visits, extra))
template <>
inline constexpr JsonRules kJsonRules<Berthed>{.name = "berthed"};
template <>
inline constexpr JsonRules kJsonRules<Ship>{.name = "ship",
                                            .defaulted = {"flag"},
                                            .left_out = {"note"},
                                            .nulled = {"owner"}};
namespace {

const std::string kWhole =
    "{\"name\":\"Argo\",\"built\":\"2026-11-22T19:27:03Z\",\"tons\":30,"
    "\"sails\":true,\"flag\":\"gr\",\"note\":\"n\",\"owner\":\"o\","
    "\"berth\":{\"pier\":\"p\",\"until\":null},\"crew\":[\"a\",\"b\"],"
    "\"visits\":[{\"pier\":\"q\",\"until\":\"2026-11-22T19:27:03Z\"}],"
    "\"extra\":{\"x\":1}}";

std::string again(const json::value& value) {
  try {
    return json::serialize(to_json(from_json<Ship>(value)));
  } catch (const JsonError& e) {
    return e.what();
  }
}

// The document with one member set, or taken away.
std::string with(const char* member, const json::value& value) {
  json::object ship = parse_json(kWhole).as_object();
  ship[member] = value;
  return again(ship);
}
std::string without(const char* member) {
  json::object ship = parse_json(kWhole).as_object();
  ship.erase(member);
  return again(ship);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(described_structs)

BOOST_AUTO_TEST_CASE(a_document_is_written_as_it_was_read) {
  BOOST_TEST(again(parse_json(kWhole)) == kWhole);
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_of_another_type_is_named) {
  BOOST_TEST(without("name") == "ship: 'name' is missing");
  BOOST_TEST(with("name", nullptr) == "ship: 'name' is missing");
  BOOST_TEST(with("name", 3) == "ship: 'name' must be a string");
  BOOST_TEST(with("tons", 3.5) == "ship: 'tons' must be a whole number");
  BOOST_TEST(with("sails", 1) == "ship: 'sails' must be true or false");
  BOOST_TEST(with("built", "now") ==
             "'built' is not an instant such as 2026-11-22T19:27:03Z");
  BOOST_TEST(with("crew", "a") == "ship: 'crew' must be a list");
  BOOST_TEST(with("crew", {1}) == "ship: 'crew' must hold text");
  BOOST_TEST(with("sail", 1) == "ship: unknown member 'sail'");
  BOOST_TEST(again(3) == "ship must be an object");
}

BOOST_AUTO_TEST_CASE(an_object_within_is_named_by_its_member_or_in_a_list) {
  BOOST_TEST(with("berth", 3) == "berth must be an object");
  BOOST_TEST(with("berth", {{"pier", "p"}, {"mast", 1}}) ==
             "berth: unknown member 'mast'");
  BOOST_TEST(with("visits", {{{"until", nullptr}}}) ==
             "berthed: 'pier' is missing");
}

BOOST_AUTO_TEST_CASE(what_may_be_missing_is_as_in_a_new_one) {
  for (const char* name : {"flag", "note", "owner", "berth", "extra"}) {
    BOOST_TEST(without(name) == with(name, nullptr));
  }
  const json::value read = parse_json(without("flag"));
  BOOST_TEST(read.at("flag") == "none");
  BOOST_TEST(!if_contains(parse_json(without("note")), "note"));
  BOOST_TEST(parse_json(without("owner")).at("owner").is_null());
  BOOST_TEST(parse_json(without("berth")).at("berth").is_null());
}

BOOST_AUTO_TEST_CASE(a_list_and_an_optional_are_written_by_the_same_rules) {
  BOOST_TEST(!if_contains(json::value_from(Ship{}), "note"));
  const std::vector<Ship> fleet(1);
  BOOST_TEST(!if_contains(json::value_from(fleet).at(0), "note"));
  BOOST_TEST(!if_contains(or_null(std::optional<Ship>(Ship{})), "note"));
  BOOST_TEST(or_null(std::optional<Ship>()).is_null());
  BOOST_TEST(!optional_from_json<Ship>(nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth
