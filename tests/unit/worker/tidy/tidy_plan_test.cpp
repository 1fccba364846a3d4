// SPDX-License-Identifier: GPL-2.0-or-later
// The plan as a table: one database, the facts, what is done about it.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "model/job.hpp"
#include "store/state.hpp"
#include "worker/postgres.hpp"
#include "worker/tidy/tidy_plan.hpp"

namespace berth::worker {
namespace {

const DatabaseNames kNames(kSite);

struct TidyPlanFixture {
  TidyFacts facts = calm_facts();

  static Database seen(const std::string& name, const std::string& kind,
                       const std::string& state, std::int64_t job = 7) {
    static std::int64_t oid = 20000;
    Database d;
    d.name = name;
    d.oid = ++oid;
    d.owner = kind == "base" ? "berth" : "shop";
    d.ours_to_alter = true;
    d.size = 1000;
    DatabaseMarker marker;
    marker.site = kSite;
    marker.kind = kind;
    marker.state = state;
    marker.application = "shop";
    marker.generation = "20261122030000";
    marker.job = job;
    d.marker = marker;
    return d;
  }
  static Database unmarked(const std::string& name, const std::string& owner) {
    Database d = seen(name, "base", "ready");
    d.owner = owner;
    d.marker.reset();
    return d;
  }
  static Database base(const std::string& generation, int state_job = 0) {
    Database d = seen(kNames.base("shop", generation), "base", "ready",
                      state_job);
    d.marker->generation = generation;
    d.connection_limit = 0;
    d.allow_connections = false;
    return d;
  }
  static Database spare(const std::string& generation, std::int64_t job) {
    Database d =
        seen(kNames.copy("shop", generation, job), "spare", "ready", job);
    d.marker->generation = generation;
    d.owner = "berth";
    d.allow_connections = false;
    return d;
  }
  static Database live(const std::string& server) {
    Database d = seen("shop_" + server, "live", "ready");
    d.marker->server = server;
    return d;
  }
  static Database trash(std::int64_t until, const std::string& server) {
    Database d = seen("", "trash", "ready");
    d.name = kNames.trash(d.oid, 7);
    d.owner = "berth";
    d.allow_connections = false;
    d.marker->server = server;
    d.marker->undo_until = until;
    return d;
  }

  // "discard_copy NAME, drop NAME | orphan NAME | problem NAME: ..."
  std::string plan(const std::vector<Database>& all) const {
    static const char* const words[] = {"open", "discard_copy",
                                        "discard_base", "drop", "seal"};
    const TidyPlan made = plan_tidy(all, kNames, "berth", facts);
    std::string out;
    for (const Deed& deed : made.deeds) {
      out += std::string(words[static_cast<int>(deed.what)]) + " " +
             deed.database.name + "\n";
    }
    for (const Orphan& orphan : made.orphans) {
      out += (orphan.kind == "database" ? "orphan " : orphan.kind + " ") +
             orphan.name + "\n";
    }
    for (const auto& text : made.problems) {
      out += "problem " + text.substr(0, text.find(':')) + "\n";
    }
    return out;
  }
  void does(const std::string& what, const Database& d) const {
    BOOST_TEST(plan({d}) == (what.empty() ? "" : what + " " + d.name + "\n"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tidy_plan, TidyPlanFixture)

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_not_even_told) {
  Database d = unmarked("somebodys", "eve");
  does("", d);
  d.connection_limit = -2;
  does("", d);
  d.comment = "a note";
  does("", d);
  Database other = live("qa1");
  other.marker->site = kOtherSite;
  other.allow_connections = false;
  does("", other);
}

BOOST_AUTO_TEST_CASE(names_of_ours_with_other_markers_are_told_and_left) {
  Database d = spare("20261122030000", 7);
  d.marker->site = kOtherSite;
  does("problem", d);
  for (const char* kind : {"live", "base", "trash"}) {
    d = spare("20261122030000", 7);
    d.marker->kind = kind;
    does("orphan", d);
  }
  d = spare("20261122030000", 7);
  d.marker->generation = "20261123030000";  // the name says another
  does("orphan", d);
  d.marker->application = std::string(60, 'x');  // no name can hold it
  does("problem", d);
  d = unmarked(kNames.copy("shop", "20261122030000", 7), "shop");
  d.comment = "mine, please keep";
  does("commented", d);
  d = spare("20261122030000", 7);
  d.name = "shop_old";  // renamed by hand
  does("problem", d);
}

BOOST_AUTO_TEST_CASE(a_copy_goes_when_its_job_is_over) {
  for (const char* state : {"building", "claimed", "ready"}) {
    Database d = spare("20261122030000", 7);
    d.marker->state = state;
    d.marker->server = "qa1";
    facts.needs.active = {7};
    does("", d);
    facts.needs.active = {8};
    does("discard_copy", d);
  }
  // The application's role can write "ready" on what it owns or can get into.
  Database written = spare("20261122030000", 7);
  written.owner = "shop";
  does("discard_copy", written);
  written = spare("20261122030000", 7);
  written.allow_connections = true;
  does("discard_copy", written);
  // A claimed spare may have the edits of a server: never back to the pool.
  Database d = spare("20261122030000", 7);
  d.marker->state = "claimed";
  does("discard_copy", d);
  does("discard_copy",
       unmarked(kNames.copy("shop", "20261122030000", 7), "shop"));
}

BOOST_AUTO_TEST_CASE(a_base_goes_when_it_is_half_made_and_its_job_is_over) {
  Database d = base("20261122030000", 9);
  d.marker->state = "loading";
  d.connection_limit = -1;
  facts.needs.active = {9};
  does("", d);
  facts.needs.active.clear();
  does("discard_base", d);
  d = unmarked(kNames.base("shop", "20261122030000"), "berth");
  does("discard_base", d);
  facts.needs.refreshing = true;
  does("", d);
  facts.needs.refreshing = false;
  d.connection_limit = 0;  // somebody took a base's comment away
  does("orphan", d);
  d.connection_limit = -1;
  d.is_template = true;  // that of an earlier version
  does("orphan", d);
  d.is_template = false;
  d.owner = "eve";
  does("orphan", d);
  d = base("20261122030000");
  d.owner = "shop";  // a comment alone proves nothing
  does("orphan", d);
}

BOOST_AUTO_TEST_CASE(trash_goes_when_its_time_is_over_and_nobody_needs_it) {
  // Its owner writes the marker and opens it; what is kept longer than anybody
  // may keep it was forged.
  Database open = trash(facts.now + 1, "qa1");
  open.owner = "shop";
  does("seal", open);
  open.ours_to_alter = false;
  does("orphan", open);
  open = trash(facts.now + 1, "qa1");
  open.allow_connections = true;
  does("seal", open);
  open.allow_connections = false;
  open.is_template = true;
  does("seal", open);
  open.allow_connections = true;
  open.connection_limit = -2;  // takes none, whatever it says
  does("", open);
  const auto longest = facts.config.applications["shop"].longest_undo;
  does("", trash(facts.now + longest, "qa1"));
  does("seal", trash(facts.now + longest + 1, "qa1"));
  open = trash(facts.now - 1, "qa2");
  open.owner = "shop";
  BOOST_TEST(plan({open}) ==
             "seal " + open.name + "\ndrop " + open.name + "\n");
  does("drop", trash(facts.now, "qa1"));
  does("drop", trash(facts.now - 1, ""));
  does("", trash(facts.now + 1, "qa1"));
  facts.needs.servers = {"qa1"};
  does("", trash(facts.now - 1000, "qa1"));
  does("drop", trash(facts.now - 1000, "qa2"));
  Database d = trash(facts.now - 1000, "qa1");
  d.connection_limit = -2;  // half dropped: no undo can use it
  does("drop", d);
  d = trash(facts.now, "qa2");
  d.marker->undo_until.reset();
  does("orphan", d);
  d = trash(facts.now, "qa2");
  ++d.oid;
  does("orphan", d);
}

BOOST_AUTO_TEST_CASE(invalid_ones_go_whatever_they_were) {
  Database d = spare("20261122030000", 7);
  d.connection_limit = -2;
  does("discard_copy", d);
  d = base("20261122030000");
  d.connection_limit = -2;
  does("discard_base", d);
  d = live("qa1");  // but a server's is an admin's to drop
  d.connection_limit = -2;
  d.allow_connections = false;
  does("orphan", d);
}

BOOST_AUTO_TEST_CASE(live_ones_nobody_knows_are_orphans) {
  does("", live("qa1"));
  does("orphan", live("qa9"));
  facts.servers.reset();  // a host was not seen yet: nothing is known
  does("", live("qa9"));
  Database d = live("qa1");
  d.marker->server = "qa2";  // the name says another
  does("orphan", d);
  d = live("qa1");
  d.marker->server = "../../etc";
  does("orphan", d);
  facts.config.applications["shop"].cluster = "db2";
  does("orphan", live("qa1"));
  facts.config.applications.clear();
  does("orphan", live("qa1"));
  does("orphan", base("20261122030000"));
  does("orphan", spare("20261122030000", 7));
}

// Whatever berth.conf or a marker says of it.
BOOST_AUTO_TEST_CASE(what_a_servers_configuration_names_is_no_orphan) {
  Database d = live("qa1");
  facts.in_use = {{"qa1", {"db1", d.name, d.oid, "20261122030000", {}}}};
  does("", d);
  facts.config.applications["shop"].cluster = "db2";
  does("problem", d);
  facts.config.applications.clear();
  does("problem", d);
  d.marker->application = "blog";
  d.marker->server = "qa2";
  does("problem", d);
  facts.servers.reset();
  does("problem", d);
  // It is another database, or of a server that no host has.
  facts.servers = {"qa1"};
  ++d.oid;
  does("orphan", d);
  --d.oid;
  facts.servers = {"qa2"};
  does("orphan", d);
  // Nobody can connect to one of which a DROP was interrupted.
  facts.servers = {"qa1"};
  d.connection_limit = -2;
  does("orphan", d);
}

BOOST_AUTO_TEST_CASE(databases_in_use_are_those_of_the_same_server) {
  const TemporaryDir dir;
  const Layout layout({dir / "spool", dir / "lib", dir / "log", dir / "run",
                       dir / "cache"});
  std::filesystem::create_directories(layout.lib);
  const auto in_use = [&](const std::string& cluster) {
    std::string out;
    for (const InUse& one : databases_in_use(layout, cluster)) {
      out += one.server + " " + one.database.name + " ";
    }
    return out;
  };
  BOOST_TEST(in_use("db1") == "");
  for (const char* server : {"qa1", "qa2"}) {
    carries(layout, server, 7,
            DatabaseOnServer{"old", "shop_" + std::string(server), 16500,
                             "20261122030000", {}});
  }
  carries(layout, "qa2", 8, std::nullopt);
  // A line that nobody can read hides none before it.
  std::ofstream(layout.history + "/qa1.jsonl", std::ios::app) << "{}\n";
  BOOST_TEST(in_use("old") == "qa1 shop_qa1 ");
  BOOST_TEST(in_use("db1") == "qa1 shop_qa1 ");  // neither is pinned
  dir.put("lib/clusters/db1", "7000 postgres\n");
  BOOST_TEST(in_use("db1") == "qa1 shop_qa1 ");
  dir.put("lib/clusters/old", "7001 postgres\n");
  BOOST_TEST(in_use("db1") == "");
  dir.put("lib/clusters/old", "7000 berth\n");
  BOOST_TEST(in_use("db1") == "qa1 shop_qa1 ");
}

BOOST_AUTO_TEST_CASE(a_closed_live_one_is_opened) {
  Database d = live("qa1");
  d.allow_connections = false;
  does("open", d);
}

BOOST_AUTO_TEST_CASE(changed_collations_are_told) {
  Database d = base("20261122030000");
  d.collation_differs = true;
  does("problem", d);
  d = spare("20261122030000", 7);
  d.collation_differs = true;
  does("problem", d);
}

BOOST_AUTO_TEST_CASE(the_newest_bases_stay_and_those_that_a_job_names) {
  facts.config.applications["shop"].generations = 2;
  const Database a = base("20261119030000"), b = base("20261120030000"),
                 c = base("20261121030000"), d = base("20261122030000");
  const auto gone = [](const Database& base) {
    return "discard_base " + base.name + "\n";
  };
  BOOST_TEST(plan({a, b, c, d}) == gone(b) + gone(a));
  facts.needs.generations = {{"shop", "20261120030000"}};
  BOOST_TEST(plan({a, b, c, d}) == gone(a));
  facts.needs.bases = {a.name};
  BOOST_TEST(plan({a, b, c, d}) == "");
  facts.needs = {};
  facts.needs.choosing = {"shop"};
  BOOST_TEST(plan({a, b, c, d}) == "");
  facts.needs.choosing = {"other"};
  BOOST_TEST(plan({d, c, b, a}) == gone(b) + gone(a));
  facts.config.applications["shop"].generations = 0;  // never the last one
  BOOST_TEST(plan({d}) == "");
}

BOOST_AUTO_TEST_CASE(old_spares_wait_for_the_new_ones_or_make_room) {
  const std::string newest = "20261122030000", before = "20261121030000";
  const Database b = base(newest), a = base(before);
  const Database o1 = spare(before, 1), o2 = spare(before, 2);
  const Database n1 = spare(newest, 3), n2 = spare(newest, 4);
  const auto gone = [](const Database& spare) {
    return "discard_copy " + spare.name + "\n";
  };
  ApplicationConfig& shop = facts.config.applications["shop"];
  shop.spares = 2;
  BOOST_TEST(plan({a, b, o1, o2, n1}) == "");
  BOOST_TEST(plan({a, b, o1, o2, n1, n2}) == gone(o1) + gone(o2));
  shop.spares = 1;  // too many of the newest as well
  BOOST_TEST(plan({a, b, o1, n1, n2}) == gone(n2) + gone(o1));
  shop.spares = 0;
  BOOST_TEST(plan({a, b, o1, n1}) == gone(n1) + gone(o1));
  shop.spares = 2;
  facts.config.clusters["db1"].spares = 2;  // no room for a third
  BOOST_TEST(plan({a, b, o1, o2}) == gone(o1));
  BOOST_TEST(plan({a, b, o2, n1}) == gone(o2));
  BOOST_TEST(plan({a, b, n1, n2}) == "");
  facts.config.clusters["db1"].spares = 10;
  facts.config.clusters["db1"].disk_floor = 5000;
  facts.free_bytes = 5999;  // a copy has 1000
  BOOST_TEST(plan({a, b, o1, o2}) == gone(o1));
  facts.free_bytes = 6000;
  BOOST_TEST(plan({a, b, o1, o2}) == "");
  facts.free_bytes.reset();
  BOOST_TEST(plan({a, b, o1, o2}) == "");
  BOOST_TEST(plan({o1, o2}) == "");  // no base at all
}

// A kill came between closing it and cutting who was inside.
BOOST_AUTO_TEST_CASE(closed_trash_that_somebody_is_still_in_is_sealed_again) {
  Database d = seen("", "trash", "ready");
  d.name = kNames.trash(d.oid, 7);
  d.owner = "berth";
  d.allow_connections = false;
  d.marker->undo_until = facts.now + 600;
  BOOST_TEST(plan_tidy({d}, kNames, "berth", facts).deeds.empty());
  d.in_use = true;
  const TidyPlan plan = plan_tidy({d}, kNames, "berth", facts);
  BOOST_REQUIRE(plan.deeds.size() == 1u);
  BOOST_TEST((plan.deeds[0].what == Deed::What::seal));
  d.connection_limit = -2;
  BOOST_TEST(plan_tidy({d}, kNames, "berth", facts).deeds.empty());
}

// What cannot be read hides no need of others, and its number is hands off.
BOOST_AUTO_TEST_CASE(crooked_jobs_and_receipts_hide_no_needs_of_others) {
  const TemporaryDir dir;
  const Layout layout({dir / "spool", dir / "lib", dir / "log", dir / "run",
                       dir / "cache"});
  Job undo;
  undo.id = 5;
  undo.kind = JobKind::undo;
  undo.server = "qa1";
  undo.application = "shop";
  undo.user = "bob";
  undo.token = std::string(32, 'a');
  undo.arguments = {{"job", 4},
                    {"checkout", false},
                    {"database", true},
                    {"previous", nullptr}};
  dir.put("spool/queue/5.json", json::serialize(to_json(undo)));
  dir.put("spool/queue/6.json", "{");
  dir.put("spool/active/7.json", "[]");
  const std::string token(32, 'b');
  dir.put("spool/drop/" + token + ".json", "x");
  dir.put("spool/receipts/" + token + ".json", "{\"version\":1}");
  std::filesystem::create_directories(layout.drop_root);
  const Needs needs = read_needs(layout);
  BOOST_TEST(needs.servers.contains("qa1"));
  BOOST_TEST(needs.active.contains(7));
  BOOST_TEST(needs.unreadable.size() == 3u);
}

// A host whose state cannot be read is one that was never asked.
BOOST_AUTO_TEST_CASE(a_hosts_crooked_state_makes_its_servers_unknown) {
  const TemporaryDir dir;
  TidyFacts all = calm_facts();
  all.config.paths = {dir / "spool", dir / "lib", dir / "log", dir / "run",
                      dir / "cache"};
  const Layout layout(all.config.paths);
  for (const auto& path : {layout.queue, layout.active, layout.drop,
                           layout.drop_root, layout.receipts, layout.state}) {
    std::filesystem::create_directories(path);
  }
  all.config.hosts["kvm1"].name = "kvm1";
  State(layout.state).write("hosts/kvm1.json", {{"version", 1}});
  BOOST_TEST(!read_facts(all.config, "db1").servers);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
