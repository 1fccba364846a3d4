// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "worker/cluster/role_watch.hpp"
#include "worker/cluster/script.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct ScriptFixture : ClusterFixture {
  ScriptFixture() {
    root->run("CREATE DATABASE work OWNER shop");
    connect("shop", "work")
        ->run("CREATE TABLE person (id int PRIMARY KEY, mail text)");
    connect("shop", "work")
        ->run("INSERT INTO person VALUES (1, 'ann@real.example'), "
              "(2, 'bob@real.example')");
    reset_roles();
  }
  ~ScriptFixture() { reset_roles(); }
  void reset_roles() {
    for (const std::string role : {"berth", "shop", "shop_restore"}) {
      root->run("ALTER ROLE " + role + " RESET ALL");
      root->run("ALTER ROLE " + role + " IN DATABASE postgres RESET ALL");
    }
  }
  ScriptTarget target() {
    return {*cluster, "work", user, "shop", {{"berth.server", "qa1"}}, "scrub"};
  }
  void run(const std::string& text, bool assertion = false,
           Deadline deadline = Deadline::in_s(20)) {
    PrivateLog in_full(folder.path(), 7);
    run_scripts({{"scrub/shop/10-x.sql", text, assertion}}, target(), report,
                in_full, deadline);
  }
  std::string failure(const std::string& text, bool assertion = false) {
    try {
      run(text, assertion);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  void hide_all_rows() {
    const auto inside = connect("shop", "work");
    inside->run("ALTER TABLE person ENABLE ROW LEVEL SECURITY");
    inside->run("ALTER TABLE person FORCE ROW LEVEL SECURITY");
    inside->run("CREATE POLICY tenant ON person "
                "USING (id = current_setting('app.tenant', true)::int)");
  }
  std::string value(const std::string& sql) {
    return connect("shop", "work")->query(sql).at(0).at(0).value_or("");
  }
  std::string user;  // who logs in
  TemporaryDir folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(scripts_of_the_admin, ScriptFixture)

BOOST_AUTO_TEST_CASE(tell_rows_and_milliseconds_of_each_statement) {
  run("UPDATE person SET mail = 'user' || id || '@example.invalid';\n\n"
      "DELETE FROM person WHERE id = 2;\nVACUUM person");
  BOOST_TEST(report.says("scrub/shop/10-x.sql:1 UPDATE 2 ("));
  BOOST_TEST(report.says("scrub/shop/10-x.sql:3 DELETE 1 ("));
  BOOST_TEST(report.says("10-x.sql:4 VACUUM ("));
  BOOST_TEST(report.says("10-x.sql: 3 statements ("));
  BOOST_TEST(value("SELECT mail FROM person") == "user1@example.invalid");
}

BOOST_AUTO_TEST_CASE(run_as_the_owner_of_the_data_and_know_the_variables) {
  run("CREATE TABLE made AS SELECT current_setting('berth.server') AS s");
  BOOST_TEST(value("SELECT tableowner FROM pg_tables WHERE tablename = 'made'")
             == "shop");
  BOOST_TEST(value("SELECT s FROM made") == "qa1");
}

BOOST_AUTO_TEST_CASE(an_error_has_a_place_and_a_code_and_no_row) {
  const std::string said = failure(
      "SELECT 1;\nUPDATE person\nSET id = 1 WHERE mail = 'bob@real.example'");
  BOOST_TEST(said.find("10-x.sql:2: SQLSTATE 23505 (unique_violation)") !=
             std::string::npos);
  BOOST_TEST(said.find("7.private.log") != std::string::npos);
  const std::string cast = failure("SELECT 1,\n mail::int\nFROM person");
  BOOST_TEST(cast.find("22P02") != std::string::npos);
  const std::string place = failure("SELECT 1,\n nothing FROM person");
  BOOST_TEST(place.find("10-x.sql:2: SQLSTATE 42703") != std::string::npos);
  for (const auto& line : report.lines) {
    BOOST_TEST(line.find("real.example") == std::string::npos);
  }
  BOOST_TEST(cast.find("real.example") == std::string::npos);
  const std::string in_full = folder.get("7.private.log");
  BOOST_TEST(in_full.find("ann@real.example") != std::string::npos);
  BOOST_TEST(in_full.find("Key (id)=(1) already exists") != std::string::npos);
  struct stat st {};
  BOOST_REQUIRE(::stat((folder / "7.private.log").c_str(), &st) == 0);
  BOOST_TEST((st.st_mode & 07777) == 0600u);
}

BOOST_AUTO_TEST_CASE(a_notice_is_for_the_private_log) {
  run("DO $$ BEGIN RAISE NOTICE 'met %', (SELECT min(mail) FROM person); "
      "END $$");
  BOOST_TEST(folder.get("7.private.log").find("met ann@") !=
             std::string::npos);
  for (const auto& line : report.lines) {
    BOOST_TEST(line.find("ann@") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_assertion_tells_how_many_rows_and_never_which) {
  const std::string said = failure(
      "SELECT 1 WHERE false;\nSELECT mail FROM person", true);
  BOOST_TEST(said.find("10-x.sql:2: statement 2 returned 2 rows") !=
             std::string::npos);
  BOOST_TEST(said.find("@") == std::string::npos);
  BOOST_TEST(failure("SELECT 1 WHERE false", true).empty());
  BOOST_TEST(failure("DELETE FROM person", true).find("25006") !=
             std::string::npos);
  BOOST_TEST(value("SELECT count(*) FROM person") == "2");
}

BOOST_AUTO_TEST_CASE(what_a_dump_calls_as_postgresql_does_is_refused) {
  const auto owner = connect("shop", "work");
  const std::string never =
      " RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'";
  owner->run("ALTER TABLE public.person ALTER mail TYPE varchar(200)");
  owner->run("CREATE FUNCTION public.never(varchar, varchar)" + never);
  // Of the very types of PostgreSQL's own; a row can name an argument.
  owner->run("CREATE FUNCTION public.lower(\"ann@real.example\" text) RETURNS "
             "text LANGUAGE sql IMMUTABLE AS 'SELECT ''x'''");
  // What the statement does not name is nothing to it.
  BOOST_TEST(failure("SELECT 1 FROM person WHERE mail = 'low er'", true)
                 .empty());
  const std::string said =
      failure("SELECT 1 FROM person WHERE lower (mail) <> 'x'", true);
  BOOST_TEST(said.find("10-x.sql:1: function public.lower(text) of the dump "
                       "has the name") != std::string::npos, said);
  BOOST_TEST(failure("SELECT 1 WHERE pg_catalog.lower('a') = 'b' OR "
                     "pg_catalog.\"lower\"('a') = 'b'", true)
                 .empty());
  BOOST_TEST(!failure("SELECT 1 FROM person WHERE lower/* it */(mail) <> 'x'",
                      true).empty());
  // A literal becomes a type of the dump's.
  owner->run("CREATE TYPE public.pat AS ENUM ('%@test.invalid')");
  owner->run("CREATE FUNCTION public.never(varchar, public.pat)" + never);
  for (const std::string right : {"varchar", "public.pat"}) {
    owner->run("CREATE OPERATOR public.!~~ (LEFTARG = varchar, RIGHTARG = " +
               right + ", FUNCTION = public.never)");
    for (const bool assertion : {true, false}) {
      const std::string why = failure(
          "SELECT id FROM person WHERE mail NOT LIKE '%@test.invalid'",
          assertion);
      BOOST_TEST(why.find("operator public.!~~ (character varying, ") !=
                 std::string::npos, why);
    }
    run("CREATE SCHEMA IF NOT EXISTS aside;\n"
        "ALTER OPERATOR public.!~~ (varchar, " + right +
        ") SET SCHEMA aside;\n"
        "UPDATE person SET id = id + 10 WHERE mail NOT LIKE '%nobody%'");
  }
  BOOST_TEST(value("SELECT count(*) FROM person WHERE id > 20") == "2");
  owner->run("CREATE FUNCTION public.empty(public.person) RETURNS text "
             "LANGUAGE sql IMMUTABLE AS 'SELECT '''''");
  owner->run("CREATE CAST (public.person AS text) WITH FUNCTION "
             "public.empty(public.person)");
  const std::string cast =
      failure("SELECT 1 FROM person p WHERE p::text LIKE '%real%'", true);
  BOOST_TEST(cast.find("write DROP CAST (") != std::string::npos, cast);
  owner->run("DROP CAST (public.person AS text)");
  owner->run("CREATE FUNCTION public.hide(public.pat) RETURNS text LANGUAGE "
             "sql IMMUTABLE AS 'SELECT ''x'''");
  owner->run("CREATE CAST (public.pat AS text) WITH FUNCTION "
             "public.hide(public.pat) AS IMPLICIT");
  const auto drops = [&] {
    return failure("SELECT 1 WHERE false", true).find("DROP CAST (") !=
           std::string::npos;
  };
  BOOST_TEST(drops());
  // Explicit, of a type that PostgreSQL can cast; or by a function of its own.
  owner->run("DROP CAST (public.pat AS text)");
  BOOST_TEST(!drops());
  for (const std::string made :
       {"(public.pat AS text) WITH FUNCTION public.hide(public.pat)",
        "(public.person AS text) WITH FUNCTION quote_nullable(anyelement)"}) {
    owner->run("CREATE CAST " + made);
    BOOST_TEST(drops(), made);
    owner->run("DROP CAST " + made.substr(0, made.find(" WITH")));
  }
  owner->run("CREATE CAST (varchar AS public.pat) WITH INOUT AS IMPLICIT");
  BOOST_TEST(!drops());
}

// ALTER TABLE has expressions, too, and no parenthesis.
BOOST_AUTO_TEST_CASE(what_a_script_alters_a_column_with_is_postgresqls) {
  const auto owner = connect("shop", "work");
  owner->run("CREATE FUNCTION public.keep(integer, text) RETURNS text LANGUAGE "
             "sql AS 'SELECT ''x'''");
  owner->run("CREATE OPERATOR public.|| (LEFTARG = integer, RIGHTARG = text, "
             "FUNCTION = public.keep)");
  BOOST_TEST(failure("ALTER TABLE person ALTER mail TYPE text\n"
                     "Using id || '@test.invalid'").find("operator public.||") !=
             std::string::npos);
  run("DROP\nOPERATOR public.|| (integer, text);\n"
      "ALTER TABLE person ALTER mail TYPE text USING id || '@test.invalid'");
}

// A dump can add one of its own to an extension.
BOOST_AUTO_TEST_CASE(what_is_a_superusers_is_no_dumps) {
  connect("root", "work")
      ->run("CREATE FUNCTION public.lower(varchar) RETURNS varchar LANGUAGE sql "
            "IMMUTABLE AS 'SELECT ''x''::varchar'");
  run("SELECT lower(mail) FROM person");
}

BOOST_AUTO_TEST_CASE(copy_from_and_to_the_client_is_refused) {
  for (const char* sql : {"COPY person FROM STDIN", "COPY person TO STDOUT"}) {
    BOOST_TEST(failure(sql).find("write INSERT") != std::string::npos);
  }
  BOOST_TEST(value("SELECT count(*) FROM person") == "2");
}

BOOST_AUTO_TEST_CASE(an_open_transaction_is_no_end) {
  BOOST_TEST(failure("BEGIN; DELETE FROM person").find("without a COMMIT") !=
             std::string::npos);
  BOOST_TEST(value("SELECT count(*) FROM person") == "2");
}

// What the dump brought is met by our scripts, and by our own statements.
BOOST_AUTO_TEST_CASE(what_lies_in_the_database_becomes_no_more_than_its_user) {
  const auto inside = connect("shop", "work");
  inside->run("CREATE TABLE public.who (name text)");
  inside->run("GRANT ALL ON public.who TO PUBLIC");
  inside->run("CREATE FUNCTION public.trap() RETURNS trigger LANGUAGE plpgsql "
              "AS $$ BEGIN RESET ROLE; INSERT INTO public.who "
              "VALUES (current_user); RETURN NEW; END $$");
  inside->run("CREATE TRIGGER trap BEFORE UPDATE ON public.person "
              "FOR EACH ROW EXECUTE FUNCTION public.trap()");
  const std::string became = "SELECT string_agg(DISTINCT name, ' ') FROM who";
  // Nor does it let the next statement run as anybody else.
  const std::string said = failure("UPDATE person SET mail = ''; SELECT 1");
  BOOST_TEST(said.find("run scrub/shop/10-x.sql:1: it has changed role ") ==
             0u, said);
  BOOST_TEST(value(became) == "berth");
  connect("shop", "work")->run("TRUNCATE public.who");
  user = "shop_restore";
  BOOST_TEST(failure("UPDATE person SET mail = ''") == said);
  BOOST_TEST(value(became) == "shop_restore");
  // A function that fits the oid better than PostgreSQL's own does.
  inside->run("CREATE FUNCTION public.pg_relation_size(oid) RETURNS bigint "
              "LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.who "
              "VALUES (current_user); RETURN 0; END $$");
  vacuum(*cluster, "work", report, private_log, Deadline::in_s(30));
  BOOST_TEST(value(became) == "shop_restore");
}

// It was "UPDATE 0" and a green assertion, with every address on a server.
BOOST_AUTO_TEST_CASE(a_policy_that_would_hide_rows_is_an_error_with_its_table) {
  hide_all_rows();
  const std::string what_to_do =
      "a policy of public.person would hide rows from shop; "
      "write ALTER TABLE public.person NO FORCE ROW LEVEL "
      "SECURITY in an earlier script, or give berth "
      "BYPASSRLS and begin this script with RESET ROLE";
  for (const bool assertion : {false, true}) {
    const std::string said = failure(
        assertion ? "SELECT mail FROM person"
                  : "SET work_mem = '5MB';\nUPDATE person SET mail = ''",
        assertion);
    BOOST_TEST(said.find(assertion ? "10-x.sql:1: " + what_to_do
                                   : "10-x.sql:2: " + what_to_do) !=
               std::string::npos, said);
  }
  BOOST_TEST(failure("BEGIN; UPDATE person SET mail = ''").find(
                 "a policy of public.person") != std::string::npos);
  // As it says: one way, and the other, with which the policies remain.
  root->run("ALTER ROLE shop_restore BYPASSRLS");
  user = "shop_restore";
  BOOST_TEST(failure("RESET ROLE; UPDATE person SET mail = 'x'").empty());
  BOOST_TEST(report.says("10-x.sql:1 UPDATE 2 ("));
  BOOST_TEST(failure("RESET ROLE; SELECT 1 FROM person WHERE mail <> 'x'",
                     true).empty());
  BOOST_CHECK_NO_THROW(require_scripts_see_all(target(), "publish"));
  // There the policies still apply to what the owner's view reads.
  connect("shop", "work")->run("CREATE VIEW seen AS SELECT * FROM person");
  BOOST_TEST(failure("RESET ROLE; SELECT 1 FROM seen", true).find(
                 "SQLSTATE 42501 (insufficient_privilege)") !=
             std::string::npos);
  root->run("ALTER ROLE shop_restore NOBYPASSRLS");
  BOOST_TEST(failure("ALTER TABLE person NO FORCE ROW LEVEL SECURITY;"
                     "UPDATE person SET mail = 'y'").empty());
  BOOST_TEST(value("SELECT count(*) FROM person WHERE mail = 'y'") == "2");
}

// Within one statement the setting is turned on and off again: each of these
// was "UPDATE 0" or no row, and green.
BOOST_AUTO_TEST_CASE(no_statement_filters_whatever_it_does_to_row_security) {
  hide_all_rows();
  const auto inside = connect("shop", "work");
  inside->run("CREATE FUNCTION clause() RETURNS bigint SET row_security = on "
              "LANGUAGE sql AS 'SELECT count(*) FROM public.person'");
  inside->run("CREATE FUNCTION local() RETURNS bigint LANGUAGE plpgsql AS $$ "
              "BEGIN PERFORM set_config('row_'||'security', 'on', true); "
              "UPDATE public.person SET mail = ''; "
              "RETURN (SELECT count(*) FROM public.person); END $$");
  inside->run("CREATE FUNCTION seen() RETURNS bigint LANGUAGE plpgsql AS $$ "
              "BEGIN PERFORM set_config('row_'||'security', 'on', true); "
              "RETURN (SELECT count(*) FROM public.person); END $$");
  // The tenant's policy would let none of these see a row.
  inside->run("SET row_security = on");
  BOOST_TEST(*inside->query("SELECT clause() + seen()").at(0).at(0) == "0");
  for (const char* login : {"", "shop_restore"}) {
    user = login;
    for (const char* sql :
         {"DO $$ BEGIN SET LOCAL row_security = on; "
          "UPDATE public.person SET mail = ''; "
          "SET LOCAL row_security = off; END $$",
          "SELECT local()", "SELECT clause()",
          "SELECT set_config('row_security', 'on', true)",
          "BEGIN; SELECT set_config('row_security', 'on', true); "
          "UPDATE person SET mail = ''; SET row_security = off; COMMIT",
          "WITH c AS (SELECT set_config('row_security', 'on', true)) "
          "UPDATE person SET mail = '' FROM c"}) {
      BOOST_TEST(failure(sql).find("a policy of public.person would hide") !=
                 std::string::npos, sql);
    }
  }
  inside->run("DROP FUNCTION clause()");
  for (const char* login : {"", "shop_restore"}) {
    user = login;
    for (const char* sql : {"SELECT 1 WHERE seen() > 0",
                            "SELECT 1 FROM set_config('row_security', 'on', "
                            "true), person"}) {
      BOOST_TEST(failure(sql, true).find("a policy of public.person") !=
                 std::string::npos, sql);
    }
  }
  // A table that is hidden again after the scripts: no assertion, no publish.
  run("ALTER TABLE person NO FORCE ROW LEVEL SECURITY; SELECT local(); "
      "ALTER TABLE person FORCE ROW LEVEL SECURITY");
  const auto strange = connect("root", "work");
  BOOST_TEST(*strange->query("SELECT count(*) FROM person WHERE mail = ''")
                  .at(0).at(0) == "2");
  BOOST_CHECK_EXCEPTION(require_scripts_see_all(target(), "publish"), Error,
                        [](const Error& e) {
                          return std::string(e.what()).find(
                                     "publish database work: a policy of "
                                     "public.person would hide rows from "
                                     "shop") == 0;
                        });
  run("ALTER TABLE person NO FORCE ROW LEVEL SECURITY");
  BOOST_CHECK_NO_THROW(require_scripts_see_all(target(), "publish"));
  // Nor is it a table that is not the role's own.
  strange->run("CREATE TABLE other (id int)");
  strange->run("ALTER TABLE other ENABLE ROW LEVEL SECURITY");
  BOOST_TEST(failure("SELECT 1").find(
                 "a policy of public.other would hide rows from shop, which "
                 "does not own it; write RESET ROLE; ALTER TABLE public.other "
                 "OWNER TO \"shop\" in an earlier script") !=
             std::string::npos);
}

// With BYPASSRLS for who logs in, a function of the owner's is still filtered.
BOOST_AUTO_TEST_CASE(a_function_that_filters_is_refused_before_an_assertion) {
  hide_all_rows();
  root->run("ALTER ROLE shop_restore BYPASSRLS");
  user = "shop_restore";
  const auto inside = connect("shop", "work");
  for (const char* how :
       {"SET row_security = on LANGUAGE sql AS "
        "'SELECT count(*) FROM public.person'",
        "LANGUAGE plpgsql AS $$ BEGIN SET LOCAL row_security = on; "
        "RETURN (SELECT count(*) FROM public.person); END $$"}) {
    inside->run(std::string("CREATE OR REPLACE FUNCTION real_ones() RETURNS "
                            "bigint SECURITY DEFINER ") + how);
    BOOST_TEST(failure("RESET ROLE; SELECT 1 WHERE real_ones() > 0", true)
                   .find("function public.real_ones() sets row_security") !=
               std::string::npos);
  }
  inside->run("DROP FUNCTION real_ones()");
  BOOST_TEST(failure("RESET ROLE; SELECT 1 WHERE false", true).empty());
}

BOOST_AUTO_TEST_CASE(row_security_stays_off_whoever_turns_it_on) {
  // What the dump or a role brings along is not asked.
  root->run("ALTER DATABASE work SET row_security = on");
  root->run("ALTER ROLE berth IN DATABASE work SET row_security = on");
  for (const char* sql :
       {"SET row_security = on", "BEGIN; SET LOCAL row_security TO 1; COMMIT",
        "SELECT set_config('row_security', 'on', false)"}) {
    const std::string said =
        failure(std::string(sql) + "; UPDATE person SET mail = ''");
    BOOST_TEST(said.find("leave row_security off") != std::string::npos, sql);
  }
  for (const char* sql : {"RESET row_security", "RESET ALL", "DISCARD ALL",
                          "SET row_security = off",
                          "BEGIN; SET TRANSACTION ISOLATION LEVEL "
                          "SERIALIZABLE; COMMIT"}) {
    BOOST_TEST(failure(sql) == "", sql);
  }
}

// SQL in a dump can write ALTER ROLE ... SET for who logs in.
BOOST_AUTO_TEST_CASE(settings_of_a_role_do_not_reach_the_scripts) {
  const auto inside = connect("shop", "work");
  inside->run("CREATE SCHEMA decoy");
  inside->run("CREATE TABLE decoy.person (id int, mail text)");
  root->run("ALTER ROLE berth SET search_path = decoy, public");
  root->run("ALTER DATABASE work SET search_path = decoy, public");
  root->run("ALTER ROLE berth SET default_transaction_read_only = off");
  root->run("ALTER ROLE berth SET standard_conforming_strings = off");
  root->run("ALTER ROLE berth SET transform_null_equals = on");
  root->run("ALTER ROLE berth SET statement_timeout = 1");
  root->run("ALTER ROLE berth IN DATABASE work SET bytea_output = 'escape'");
  BOOST_TEST(failure("SELECT 1 FROM person", true).find("returned 2 rows") !=
             std::string::npos);
  BOOST_TEST(failure("RESET search_path; SELECT 1 FROM person", true).find(
                 "returned 2 rows") != std::string::npos);
  BOOST_TEST(failure("RESET ALL; DELETE FROM person", true).find("25006") !=
             std::string::npos);
  BOOST_TEST(failure("SELECT 1 WHERE length('a\\\\b') <> 4 OR NULL = NULL OR "
                     "'\\x41'::bytea::text <> '\\x41'", true) == "");
  run("UPDATE person SET mail = 'x'; SELECT pg_sleep(0.05)");
  BOOST_TEST(value("SELECT count(*) FROM public.person WHERE mail = 'x'") ==
             "2");
  // What concerns memory changes no result; the rest is an error.
  root->run("ALTER ROLE berth SET work_mem = '5MB'");
  BOOST_TEST(failure("SELECT 1") == "");
  const auto refused = [&](const std::string& alter, const std::string& what) {
    root->run(alter + " SET DateStyle = 'SQL, DMY'");
    const std::string said = failure("SELECT 1");
    BOOST_TEST(said.find("begin a session of scripts on database work: "
                         "DateStyle is set for it") == 0u, said);
    BOOST_TEST(said.ends_with("run as a superuser: " + what +
                              " RESET \"DateStyle\""), said);
    root->run(alter + " RESET DateStyle");
    BOOST_TEST(failure("SELECT 1") == "");
  };
  refused("ALTER ROLE berth", "ALTER ROLE \"berth\"");
  refused("ALTER DATABASE work", "ALTER DATABASE \"work\"");
  refused("ALTER ROLE berth IN DATABASE work",
          "ALTER ROLE \"berth\" IN DATABASE \"work\"");
}

// A dump can run twice: what it changed the first time is not what was before.
BOOST_AUTO_TEST_CASE(no_script_runs_as_a_restore_user_with_settings) {
  user = "shop_restore";
  for (const std::string where : {"", " IN DATABASE \"postgres\""}) {
    root->run("ALTER ROLE shop_restore" + where +
              " SET standard_conforming_strings = off");
    BOOST_TEST(failure("SELECT 1") ==
               "begin a session of scripts as role shop_restore: a "
               "restore_user must have no setting of its own, because SQL of a "
               "dump can write one, and it has "
               "standard_conforming_strings set" +
               std::string(where.empty() ? "" : " in database postgres") +
               "; to undo it, run as a superuser: ALTER ROLE "
               "\"shop_restore\"" + where +
               " RESET \"standard_conforming_strings\"");
    root->run("ALTER ROLE shop_restore" + where + " RESET ALL");
  }
  BOOST_TEST(failure("SELECT 1") == "");
}

BOOST_AUTO_TEST_CASE(no_script_begins_after_a_role_was_changed) {
  user = "shop_restore";
  const RoleWatch roles(*cluster, "shop", "shop_restore", "work");
  ScriptTarget watched = target();
  watched.roles = &roles;
  PrivateLog in_full(folder.path(), 7);
  const auto two = [&] {
    run_scripts({{"a.sql", "RESET ROLE; ALTER ROLE shop_restore SET jit = off"},
                 {"b.sql", "UPDATE person SET mail = 'b'"}},
                watched, report, in_full, Deadline::in_s(20));
  };
  BOOST_CHECK_EXCEPTION(two(), Error, [](const Error& e) {
    return std::string(e.what()).find("role shop_restore has jit set now") !=
           std::string::npos;
  });
  root->run("ALTER ROLE shop_restore RESET ALL");
  BOOST_TEST(value("SELECT count(*) FROM person WHERE mail = 'b'") == "0");
}

// What the database's code does between two statements.
BOOST_AUTO_TEST_CASE(only_a_set_of_the_script_changes_its_settings) {
  const auto inside = connect("shop", "work");
  inside->run("CREATE TABLE late (id int)");
  const auto flip = [&](const std::string& how) {
    inside->run("CREATE OR REPLACE FUNCTION flip() RETURNS trigger "
                "LANGUAGE plpgsql AS $$ BEGIN " + how +
                " RETURN NULL; END $$");
  };
  flip("");
  inside->run("CREATE TRIGGER flip AFTER UPDATE ON person "
              "FOR EACH STATEMENT EXECUTE FUNCTION flip()");
  inside->run("CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late "
              "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
              "EXECUTE FUNCTION flip()");
  const std::string rest = "; UPDATE person SET mail = 'scrubbed'";
  for (const std::string login : {"", "shop_restore"}) {
    user = login;
    for (const auto& [how, name] : std::map<std::string, std::string>{
             {"set_config('standard_conforming_strings', 'off', false)",
              "standard_conforming_strings"},
             {"set_config('search_path', 'decoy', false)", "search_path"},
             {"set_config('transform_null_equals', 'on', false)",
              "transform_null_equals"},
             {"set_config('TimeZone', 'Asia/Tokyo', false)", "TimeZone"},
             {"set_config('plpgsql.check_asserts', 'off', false)",
              "plpgsql.check_asserts"},
             {"set_config('berth.server', 'other', false)",
              "\"berth\".\"server\""},
             {"set_config('role', 'none', false)", "role"}}) {
      flip("PERFORM " + how + ";");
      const std::string wanted = "it has changed " + name + " without";
      for (const std::string before :
           {"UPDATE person SET id = id", "BEGIN; UPDATE person SET id = id",
            "BEGIN; INSERT INTO late VALUES (1); COMMIT",
            "BEGIN; INSERT INTO late VALUES (1); SET CONSTRAINTS ALL IMMEDIATE",
            "BEGIN; INSERT INTO late VALUES (1); "
            "SET /* now */ CONSTRAINTS ALL IMMEDIATE"}) {
        const std::string said = failure(before + rest);
        BOOST_TEST(said.find(wanted) != std::string::npos,
                   before << " " << how << ": " << said);
      }
      BOOST_TEST(failure("SELECT " + how + rest).find(wanted) !=
                 std::string::npos);
    }
    // A temporary table takes no other's place.
    flip("CREATE TEMPORARY TABLE person (id int, mail text);");
    const std::string all = value("SELECT count(*) FROM person");
    BOOST_TEST(failure("UPDATE person SET id = id; "
                       "ALTER TABLE public.person DISABLE TRIGGER flip" + rest +
                       "; ALTER TABLE public.person ENABLE TRIGGER flip") ==
               "");
    BOOST_TEST(value("SELECT count(*) FROM public.person "
                     "WHERE mail = 'scrubbed'") == all);
    inside->run("TRUNCATE late");
    inside->run("ALTER TABLE person DISABLE TRIGGER flip");
    inside->run("UPDATE person SET mail = 'real'");
    inside->run("ALTER TABLE person ENABLE TRIGGER flip");
  }
  flip("");
  // The script's own.
  for (const std::string& sql : std::vector<std::string>
       {"SET search_path = public" + rest, "SET TimeZone = 'Asia/Tokyo'" + rest,
        "BEGIN; SET LOCAL search_path = public" + rest + "; COMMIT" + rest,
        "BEGIN; SET search_path = public" + rest + "; COMMIT" + rest,
        "BEGIN; SET search_path = public; ROLLBACK" + rest,
        "BEGIN ISOLATION LEVEL SERIALIZABLE" + rest + "; COMMIT" + rest,
        "BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ" + rest +
            "; COMMIT AND CHAIN" + rest + "; END",
        "BEGIN; SAVEPOINT a; SET LOCAL TimeZone = 'UTC'; ROLLBACK TO a" + rest +
            "; RELEASE a; COMMIT",
        "RESET ROLE; SET ROLE shop" + rest, "RESET ALL" + rest,
        std::string("DISCARD ALL; SELECT 1"),
        "SET DateStyle = 'ISO, DMY'; SELECT '31/12/2026'::date" + rest}) {
    BOOST_TEST(failure(sql) == "", sql);
  }
  // A SET of the whole session is not taken back by a commit's trigger.
  flip("PERFORM set_config('standard_conforming_strings', 'on', false);");
  BOOST_TEST(failure("BEGIN; SET standard_conforming_strings = off; "
                     "INSERT INTO late VALUES (1); COMMIT" + rest)
                 .find("it has changed standard_conforming_strings") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_deadline_ends_the_statement_on_the_server) {
  BOOST_CHECK_THROW(
      run("SELECT pg_sleep(60)", false, Deadline::in_ms(300)), SqlError);
  BOOST_TEST(root->query("SELECT 1 FROM pg_stat_activity WHERE datname = "
                         "'work' AND state = 'active'").empty());
}

BOOST_AUTO_TEST_CASE(a_session_that_is_ended_is_away) {
  BOOST_CHECK_THROW(run("RESET ROLE; SELECT "
                        "pg_terminate_backend(pg_backend_pid())"),
                    Away);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(folder_of_scripts)

BOOST_AUTO_TEST_CASE(is_read_in_order_of_number_scripts_first) {
  TemporaryDir folder;
  BOOST_TEST(read_scripts(folder.path(), "scrub", "shop").empty());
  for (const char* name : {"20-b.sql", "10-z.assert.sql", "10-z.sql", "README",
                           ".20-b.sql.swp", "20-b.sql~", "30-a.assert.sql"}) {
    folder.put(std::string("scrub/shop/") + name, "SELECT 1");
  }
  std::string seen;
  for (const auto& s : read_scripts(folder.path(), "scrub", "shop")) {
    seen += s.name + (s.assertion ? "! " : " ");
  }
  BOOST_TEST(seen == "scrub/shop/10-z.sql scrub/shop/10-z.assert.sql! "
                     "scrub/shop/20-b.sql scrub/shop/30-a.assert.sql! ");
  BOOST_TEST(read_scripts(folder.path(), "claim", "shop").empty());
}

// It satisfied require_assertions.
BOOST_AUTO_TEST_CASE(has_no_assertion_without_a_statement) {
  for (const char* text : {"", "-- TODO", "/* SELECT 1 */ ;; "}) {
    TemporaryDir folder;
    folder.put("scrub/shop/10-a.sql", text);
    BOOST_TEST(read_scripts(folder.path(), "scrub", "shop").size() == 1u);
    folder.put("scrub/shop/90-a.assert.sql", text);
    BOOST_CHECK_EXCEPTION(
        read_scripts(folder.path(), "scrub", "shop"), Error,
        [](const Error& e) {
          return e.cause() == "it has no statement and so asserts nothing";
        });
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_it_would_not_run_as_meant) {
  for (const char* name : {"mail.sql", "1-mail.sql", "10-Mail.sql", "10-.sql",
                           "10-a.sql.orig", "10-a.assert", "10_a.sql"}) {
    TemporaryDir folder;
    folder.put(std::string("scrub/shop/") + name, "SELECT 1");
    BOOST_CHECK_THROW(read_scripts(folder.path(), "scrub", "shop"), Error);
  }
  TemporaryDir folder;
  const std::string file = folder / "scrub/shop/10-a.sql";
  const auto refused = [&] {
    try {
      read_scripts(folder.path(), "scrub", "shop");
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  folder.put("scrub/shop/10-a.sql", "SELECT '\xff'");
  BOOST_TEST(refused());
  folder.put("scrub/shop/10-a.sql", std::string("SELECT 1\0", 9));
  BOOST_TEST(refused());
  folder.put("scrub/shop/10-a.sql", "SELECT 1");
  BOOST_TEST(!refused());
  ::chmod(file.c_str(), 0666);
  BOOST_TEST(refused());
  ::chmod(file.c_str(), 0644);
  ::chmod((folder / "scrub/shop").c_str(), 0777);
  BOOST_TEST(refused());
  ::chmod((folder / "scrub/shop").c_str(), 0755);
  if (::geteuid() == 0) {
    BOOST_REQUIRE(::chown(file.c_str(), 33, 33) == 0);
    BOOST_TEST(refused());
    BOOST_REQUIRE(::chown(file.c_str(), 0, 0) == 0);
  }
  BOOST_TEST(!refused());
  BOOST_REQUIRE(::symlink("10-a.sql", (folder / "scrub/shop/20-b.sql").c_str())
                == 0);
  BOOST_TEST(refused());
}

BOOST_AUTO_TEST_CASE(variables_are_settings_with_plain_names) {
  ApplicationConfig shop;
  shop.name = "shop";
  shop.url = "http://{server}.qa/";
  shop.set = {{"DEBUG", true}, {"MAX-ITEMS", std::int64_t{5}},
              {"NAME", std::string("it's; \"x\"")}, {"RATE", 0.5}};
  std::string all;
  for (const auto& [name, value] : script_settings(shop, {"qa1", "G", 7})) {
    all += name + "=" + value + "\n";
  }
  BOOST_TEST(all ==
             "berth.application=shop\nberth.server=qa1\n"
             "berth.url=http://qa1.qa/\nberth.generation=G\nberth.job=7\n"
             "berth.set_debug=true\nberth.set_max_items=5\n"
             "berth.set_name=it's; \"x\"\nberth.set_rate=5E-1\n");
  shop.set["max_items"] = std::int64_t{6};
  BOOST_CHECK_THROW(script_settings(shop, {}), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
