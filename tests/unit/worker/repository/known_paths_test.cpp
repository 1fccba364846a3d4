// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/repository/known_paths.hpp"

#include <boost/test/unit_test.hpp>

#include "store/state.hpp"
#include "temporary_dir.hpp"

BOOST_AUTO_TEST_SUITE(known_paths)

using namespace berth;
using namespace berth::worker;

BOOST_AUTO_TEST_CASE(few_letters_make_what_was_meant) {
  const std::vector<std::string> known = {
      "trunk", "branches/checkout-2", "branches/checkout-3", "branches/search",
      "branches/checkout-20", "tags/1.0", std::string(300, 'x')};
  const auto joined = [&](const std::string& path) {
    std::string out;
    for (const auto& near : nearest(known, path)) out += near + " ";
    return out;
  };
  BOOST_TEST(joined("trunc") == "trunk ");
  BOOST_TEST(joined("branches/chekout-2") ==
             "branches/checkout-2 branches/checkout-20 branches/checkout-3 ");
  BOOST_TEST(joined("tag/1.0") == "tags/1.0 ");
  BOOST_TEST(joined("something/else") == "");
  BOOST_TEST(joined("") == "");
  BOOST_TEST(joined(std::string(300, 'x')) == "");
}

BOOST_AUTO_TEST_CASE(nothing_known_is_nothing_said) {
  TemporaryDir folder;
  PathsConfig paths;
  paths.lib = folder.path();
  const Layout layout(paths);
  BOOST_TEST(near_paths(layout, "shop", "trunc") == "");
  Dir(folder.path()).make("state", 0755);
  Dir(layout.state).make("applications", 0755);
  const State state(layout.state);
  state.write("applications/shop.paths.json", json::value{{"paths", "odd"}});
  BOOST_TEST(near_paths(layout, "shop", "trunc") == "");
  state.write("applications/shop.paths.json",
              json::value{{"paths", {{{"path", "trunk"}}}}});
  BOOST_TEST(near_paths(layout, "shop", "trunc") == "; near: trunk");
}

BOOST_AUTO_TEST_CASE(what_is_near_is_text_and_no_escapes) {
  TemporaryDir folder;
  PathsConfig paths;
  paths.lib = folder.path();
  const Layout layout(paths);
  Dir(folder.path()).make("state", 0755);
  Dir(layout.state).make("applications", 0755);
  const State state(layout.state);
  json::array known;
  for (const std::string& path :
       {std::string("zweig/größe"),
        std::string(180, 'x') + "ö", std::string(181, 'x')}) {
    known.emplace_back(json::object{{"path", path}});
  }
  state.write("applications/shop.paths.json", json::object{{"paths", known}});
  BOOST_TEST(near_paths(layout, "shop", "zweig/groesse") ==
             "; near: zweig/größe");
  BOOST_TEST(near_paths(layout, "shop", std::string(180, 'x')) ==
             "; near: " + std::string(181, 'x') + ", " +
                 std::string(180, 'x') + "ö");
}

BOOST_AUTO_TEST_SUITE_END()
