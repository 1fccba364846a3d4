// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <limits>
#include <set>

#include "base/error.hpp"
#include "temporary_dir.hpp"
#include "worker/data/dump.hpp"
#include "worker/data/dump_names.hpp"
#include "worker/data/dump_toc.hpp"
#include "worker/data/fetch.hpp"
#include "worker/data/restore.hpp"
#include "worker/data/restore_gauge.hpp"
#include "worker/job/confined.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

const char* const kList =
    "; Archive created at 2026-11-22 03:40:12 UTC\n"
    ";     dbname: shop\n"
    "5; 2615 2200 SCHEMA - public postgres\n"
    "2; 3079 13 EXTENSION - plpgsql \n"
    "217; 1259 16398 TABLE public product shop\n"
    "3364; 0 16398 TABLE DATA public product shop\n"
    "3365; 0 16399 TABLE DATA audit log line shop\n"
    "3378; 0 0 SEQUENCE SET public product_id_seq shop\n"
    "3214; 1259 16416 INDEX public product_at shop\n";

// toc.dat as pg_dump writes it (pg_backup_archiver.c), with an entry for each
// data file.
std::string toc(int version, const std::vector<std::string>& files,
                const std::string& kind = "TABLE DATA") {
  std::string out = "PGDMP\x01";
  const auto integer = [&](int value) {
    out += value < 0 ? '\x01' : '\0';
    for (unsigned rest = static_cast<unsigned>(value < 0 ? -value : value),
                  i = 0; i < 4; ++i, rest >>= 8) {
      out += static_cast<char>(rest & 0xff);
    }
  };
  const auto text = [&](const std::string& value) {
    integer(static_cast<int>(value.size()));
    out += value;
  };
  out += static_cast<char>(version);
  out += std::string("\0\x04\x08\x03", 4);  // revision, two sizes, format
  if (version >= 15) {
    out += '\x01';
  } else {
    integer(-1);
  }
  for (int i = 0; i < 7; ++i) integer(i);
  for (const char* word : {"shop", "15.1", "15.1"}) text(word);
  integer(static_cast<int>(files.size()));
  for (const std::string& file : files) {
    integer(217);
    integer(file.empty() ? 0 : 1);
    for (const char* word : {"0", "16385", "line"}) text(word);
    text(kind);
    if (version >= 11) integer(3);
    text("");
    integer(-1);  // NULL: no DROP
    text("COPY a/b FROM stdin;");
    text("public");
    text("");
    if (version >= 14) text("heap");
    if (version >= 16) integer('r');
    text("shop");
    text("false");
    text("215");
    integer(-1);
    text(file);
  }
  return out;
}

std::string fault_of_toc(const std::string& bytes) {
  const TemporaryDir folder;
  folder.put("toc.dat", bytes);
  return fault_of_folder(Dir(folder.path()));
}

Dump dump() {
  Dump out;
  read_list(kList, out);
  return out;
}

std::string ids_of(const std::vector<DumpItem>& items) {
  std::string out;
  for (const auto& item : items) out += std::to_string(item.id) + " ";
  return out;
}

std::string refusal(const std::vector<DumpItem>& all,
                    const std::vector<std::string>& skip_data) {
  try {
    chosen_items(all, skip_data);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

// Of a database that this SQL fills, as pg_dump writes it.
struct RealDump : ClusterFixture {
  Dump of(const std::vector<std::string>& statements, const char* format) {
    root->run("CREATE DATABASE work");
    const auto inside = connect("root", "work");
    for (const auto& sql : statements) inside->run(sql);
    const std::string path = folder / "x.dump";
    const RunResult done = run(
        {"pg_dump", format, "-f", path,
         Postgres::instance().conninfo("root", "work")}, 60000);
    BOOST_REQUIRE_MESSAGE(done.status.ok(), done.err);
    PrivateLog in_full(folder.path(), 7);
    return read_dump(path, link, in_full, Deadline::in_s(60));
  }
  TemporaryDir folder;
};

// What is restored of rows: "public.a b, public.c".
std::string rows_of(const std::vector<DumpItem>& items) {
  std::set<std::string> all;
  for (const auto& item : items) {
    if (item.type == "TABLE DATA" || item.type == "MATERIALIZED VIEW DATA") {
      all.insert(item.schema + "." + item.name);
    }
  }
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string why(const std::string& head) {
  try {
    format_of(head, "/x");
  } catch (const Error& e) {
    return e.cause();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dump_as_it_lies)

BOOST_AUTO_TEST_CASE(its_list_has_date_and_items) {
  const Dump d = dump();
  BOOST_TEST(d.items.size() == 7u);
  BOOST_TEST(d.items[0].text == "SCHEMA - public");
  BOOST_TEST(d.items[1].text == "EXTENSION - plpgsql");
  BOOST_TEST(d.items[3].id == 3364);
  BOOST_TEST(d.items[3].text == "TABLE DATA public product");
  BOOST_TEST(d.items[3].line ==
             "3364; 0 16398 TABLE DATA public product shop");
  Dump none;
  BOOST_CHECK_THROW(read_list("217; 1259 16398 TABLE public a b\n", none),
                    Error);
}

BOOST_AUTO_TEST_CASE(its_date_is_in_this_machines_zone) {
  const char* before = ::getenv("TZ");
  const std::string old = before ? before : "";
  ::setenv("TZ", "Europe/Berlin", 1);
  ::tzset();
  const Instant there = dump().created_at;
  if (before) {
    ::setenv("TZ", old.c_str(), 1);
  } else {
    ::unsetenv("TZ");
  }
  ::tzset();
  BOOST_TEST(rfc3339(there) == "2026-11-22T02:40:12Z");
}

BOOST_AUTO_TEST_CASE(any_torn_list_is_read_or_refused) {
  const std::string all = kList;
  for (std::size_t n = 0; n <= all.size(); ++n) {
    Dump d;
    try {
      read_list(all.substr(0, n), d);
    } catch (const Error&) {
      BOOST_TEST(n < 41u);
    }
    BOOST_TEST(d.items.size() <= 7u);
  }
}

BOOST_AUTO_TEST_CASE(its_first_bytes_tell_what_it_is) {
  BOOST_CHECK(format_of("PGDMP\x01\x0e", "/x") == DumpFormat::custom);
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  BOOST_CHECK(format_of(tar, "/x") == DumpFormat::tar);
  BOOST_TEST(why("") == "is empty");
  BOOST_TEST(why("--\n-- PostgreSQL database dump\n").find("pg_dump -Fc") !=
             std::string::npos);
  BOOST_TEST(why("\x1f\x8b\x08").find("gzip") != std::string::npos);
  BOOST_TEST(why("\x28\xb5\x2f\xfd").find("zstd") != std::string::npos);
  BOOST_TEST(why("<html>").find("is not a dump") == 0u);
}

BOOST_AUTO_TEST_CASE(its_locale_is_taken_from_behind_the_name) {
  const DumpLocale l = read_locale(
      "CREATE DATABASE \"a ENCODING = 'X' b\" WITH TEMPLATE = template0 "
      "ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'de_DE.UTF-8' "
      "ICU_LOCALE = 'de-DE';");
  BOOST_TEST(l.encoding == "UTF8");
  BOOST_TEST(l.provider == "icu");
  BOOST_TEST(l.locale == "de_DE.UTF-8");
  BOOST_TEST(l.icu == "de-DE");
  BOOST_TEST(l.collate == "");
}

BOOST_AUTO_TEST_CASE(its_identity_changes_with_any_file) {
  TemporaryDir folder;
  folder.put("d/toc.dat", "PGDMP");
  folder.put("d/1.dat", "rows");
  const std::string before = dump_identity(folder / "d");
  BOOST_TEST(dump_identity(folder / "d") == before);
  folder.put("d/1.dat", "rows and more");
  const std::string after = dump_identity(folder / "d");
  BOOST_TEST(after != before);
  folder.put("d/2.dat", "");
  BOOST_TEST(dump_identity(folder / "d") != after);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(restore_of_a_dump)

BOOST_AUTO_TEST_CASE(leaves_out_what_it_cannot_make_and_skipped_rows) {
  auto all = dump().items;
  DumpNames names(all);
  for (const char* line :
       {"-- TOC entry 217 (class 1259 OID 16398)",
        "-- Name: product; Type: TABLE; Schema: public; Owner: shop"}) {
    names.take(line);
  }
  names.finish();
  BOOST_TEST(ids_of(chosen_items(all, {})) == "217 3364 3365 3378 3214 ");
  // Whose rows "audit log line" are nobody can tell.
  BOOST_TEST(refusal(all, {"public.product"}).find(
                 "skip_data TABLE DATA audit log line: the dump does not "
                 "separate")
             == 0u);
  std::erase_if(all, [](const DumpItem& item) { return item.id == 3365; });
  BOOST_TEST(ids_of(chosen_items(all, {"public.p*"})) == "217 3378 3214 ");
  BOOST_TEST(refusal(all, {"public.product", "public.none", "log"}).find(
                 "skip_data public.none, log: matches no table of the dump") ==
             0u);
}

// As pg_dump before 14 tells it: within the table's own entry.
BOOST_AUTO_TEST_CASE(leaves_out_partitions_of_an_older_pg_dump_too) {
  for (const char* sql :
       {"ALTER TABLE ONLY public.ev ATTACH PARTITION public.part DEFAULT;",
        "CREATE TABLE public.part PARTITION OF public.ev"}) {
    Dump d;
    read_list("; Archive created at 2026-11-22 03:40:12 UTC\n"
              "1; 1259 11 TABLE public ev shop\n"
              "2; 1259 12 TABLE public part shop\n"
              "3; 1259 13 TABLE public child shop\n"
              "4; 0 12 TABLE DATA public part shop\n"
              "5; 0 13 TABLE DATA public child shop\n", d);
    DumpNames names(d.items);
    for (const char* line :
         {"-- TOC entry 1 (class 1259 OID 11)",
          "-- Name: ev; Type: TABLE; Schema: public; Owner: shop",
          "CREATE TABLE public.ev (", "PARTITION BY RANGE (at);",
          "-- TOC entry 2 (class 1259 OID 12)", "-- Dependencies: 1 7",
          "-- Name: part; Type: TABLE; Schema: public; Owner: shop", sql,
          "-- TOC entry 3 (class 1259 OID 13)", "-- Dependencies: 1",
          "-- Name: child; Type: TABLE; Schema: public; Owner: shop",
          "CREATE TABLE public.child (", "INHERITS (public.other);"}) {
      names.take(line);
    }
    names.finish();
    BOOST_TEST(ids_of(chosen_items(d.items, {"public.ev"})) == "1 2 3 5 ");
  }
}

BOOST_AUTO_TEST_CASE(believes_a_name_where_list_and_sql_agree) {
  const auto named = [](const std::string& line,
                        const std::vector<std::string>& sql) {
    Dump d;
    read_list("; Archive created at 2026-11-22 03:40:12 UTC\n" + line + "\n",
              d);
    DumpNames names(d.items);
    for (const auto& text : sql) names.take(text);
    names.finish();
    return d.items.at(0).schema + "|" + d.items.at(0).name;
  };
  const std::string line = "9; 1259 5 TABLE a b c d";
  const std::string entry = "-- TOC entry 9 (class 1259 OID 5)";
  BOOST_TEST(named(line, {entry, "-- Name: c; Type: TABLE; Schema: a b; "
                                 "Owner: d"}) == "a b|c");
  BOOST_TEST(named(line, {entry, "-- Name: b; Type: TABLE; Schema: a; "
                                 "Owner: c d"}) == "a|b");
  // A function's body says what it likes.
  BOOST_TEST(named(line, {entry, "-- Name: x; Type: TABLE; Schema: a; "
                                 "Owner: d"}) == "|");
  BOOST_TEST(named(line, {"-- TOC entry 9 (class 1259 OID 6)",
                          "-- Name: c; Type: TABLE; Schema: a b; Owner: d"}) ==
             "|");
  BOOST_CHECK_THROW(
      named(line, {entry, "-- Name: c; Type: TABLE; Schema: a b; Owner: d",
                   entry, "-- Name: b; Type: TABLE; Schema: a; Owner: c d"}),
      Error);
  const std::string odd = "x; Type: TABLE; Schema: y; Owner: z";
  BOOST_TEST(named("9; 1259 5 TABLE a " + odd + " d",
                   {entry, "-- Name: " + odd +
                               "; Type: TABLE; Schema: a; Owner: d"}) ==
             "a|" + odd);
  // However hostile, it ends soon.
  std::string many;
  for (int i = 0; i < 150; ++i) many += "; Type: ; Schema: ; Owner: ";
  BOOST_TEST(named(line, {entry, "-- Name: " + many}) == "|");
}

// Once this wrote a byte in front of an empty text.
// It was read whole before it was looked at.
BOOST_AUTO_TEST_CASE(a_list_without_end_is_refused_while_it_is_read) {
  Dump dump;
  DumpList list(dump);
  const std::string comment = "; " + std::string(60000, 'x');
  std::size_t lines = 0;
  BOOST_CHECK_THROW(
      while (true) {
        list.take(comment);
        ++lines;
      },
      Error);
  BOOST_TEST(lines < 3000U);
  BOOST_TEST(dump.items.empty());
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_listed_twice_is_refused) {
  Dump odd;
  read_list("; Archive created at 2026-11-22 03:40:12 UTC\n"
            "5; 0 1 TABLE DATA a b o\n6; 0 1 TABLE DATA a c o\n"
            "5; 0 2 TABLE DATA a d o\n",
            odd);
  try {
    DumpNames names(odd.items);
    BOOST_TEST(false);
  } catch (const Error& e) {
    BOOST_TEST(e.cause().find("it lists entry 5 twice; pg_dump does not") ==
               0u);
  }
}

BOOST_AUTO_TEST_CASE(an_item_without_a_table_is_no_table) {
  Dump odd;
  read_list("; Archive created at 2026-11-22 03:40:12 UTC\n"
            "5; 0 1 TABLE DATA  \n6; 0 1 TABLE DATA\n7; 0 1 TABLE DATA a b o\n",
            odd);
  DumpNames names(odd.items);
  names.finish();
  BOOST_TEST(ids_of(chosen_items(odd.items, {})) == "5 6 7 ");
  BOOST_TEST(refusal(odd.items, {"a.b"}).find("skip_data ") == 0u);
}

BOOST_AUTO_TEST_CASE(is_followed_in_parallel_by_its_launches_and_ends) {
  const auto all = dump().items;
  RestoreGauge gauge(all, {{"TABLE DATA public product", 900},
                           {"TABLE DATA audit log line", 95}});
  BOOST_TEST(gauge.take("pg_restore: processing item 217 TABLE product", 0));
  BOOST_TEST(gauge.take("pg_restore: skipping item 3364 TABLE DATA product",
                        5));
  BOOST_TEST(gauge.take("pg_restore: launching item 3364 TABLE DATA product",
                        10));
  BOOST_TEST(gauge.take(
      "pg_restore: processing data for table \"public.product\"", 11));
  BOOST_TEST(gauge.take("pg_restore: finished item 3364 TABLE DATA product",
                        510));
  BOOST_TEST(gauge.durations().at("TABLE DATA public product") == 500);
  // 900 of 1099, by their weights
  BOOST_TEST(*gauge.progress(510).done == 81);
  BOOST_TEST(!gauge.take("DETAIL:  Key (mail)=(ann@x) already exists.", 600));
  BOOST_TEST(!gauge.take("pg_restore: error: could not execute query", 600));
  BOOST_TEST(gauge.item_in_error("pg_restore: from TOC entry 3214; 1259 1 x") ==
             "INDEX public product_at");
  gauge.end(700);
  BOOST_TEST(*gauge.progress(700).done == 100);
}

BOOST_AUTO_TEST_CASE(is_followed_one_by_one_by_what_comes_next) {
  RestoreGauge gauge(dump().items, {});
  gauge.take("pg_restore: creating TABLE \"public.product\"", 0);
  gauge.take("pg_restore: processing data for table \"public.product\"", 10);
  gauge.take("pg_restore: executing SEQUENCE SET product_id_seq", 400);
  gauge.take("pg_restore: creating INDEX \"public.product_at\"", 410);
  BOOST_TEST(gauge.durations().at("TABLE public product") == 10);
  BOOST_TEST(gauge.durations().at("TABLE DATA public product") == 400);
  BOOST_TEST(*gauge.progress(410).done > 0);
  BOOST_TEST(*gauge.progress(410).done < 100);
}

// It was timed until the end of all, and filled half the bar the next night.
BOOST_AUTO_TEST_CASE(ends_what_went_alone_when_the_parallel_part_begins) {
  RestoreGauge gauge(dump().items, {});
  gauge.take("pg_restore: processing item 217 TABLE product", 0);
  gauge.take("pg_restore: entering main parallel loop", 10);
  gauge.take("pg_restore: launching item 3364 TABLE DATA product", 20);
  gauge.take("pg_restore: finished item 3364 TABLE DATA product", 5000);
  gauge.end(5000);
  BOOST_TEST(gauge.durations().at("TABLE public product") == 20);
}

BOOST_AUTO_TEST_CASE(moves_on_while_one_large_table_loads) {
  RestoreGauge gauge(dump().items, {{"TABLE DATA public product", 900},
                                    {"TABLE DATA audit log line", 95}});
  gauge.take("pg_restore: launching item 3364 TABLE DATA product", 0);
  BOOST_TEST(*gauge.progress(0).done == 0);
  BOOST_TEST(*gauge.progress(450).done == 40);
  // However long it takes, it is not said to be over before it is.
  BOOST_TEST(*gauge.progress(5000).done == 73);
  gauge.take("pg_restore: finished item 3364 TABLE DATA product", 5000);
  BOOST_TEST(*gauge.progress(5000).done == 81);
}

BOOST_AUTO_TEST_SUITE_END()

// Each of these took minutes of the worker once, or would have.
BOOST_AUTO_TEST_SUITE(hostile_dump)

constexpr std::int64_t kSoon = 20 * 1000;  // ms, where all machines are slow

// After each line of pg_restore all items were looked at.
BOOST_AUTO_TEST_CASE(of_very_many_items_is_followed_line_by_line) {
  Dump d;
  constexpr std::int64_t kItems = 40000;
  for (std::int64_t id = 1; id <= kItems; ++id) {
    DumpItem item;
    item.id = id;
    item.text = "TABLE DATA public t" + std::to_string(id);
    d.items.push_back(item);
  }
  const std::int64_t begun = monotonic_ms();
  RestoreGauge gauge(d.items, {});
  std::int64_t shown = 0;
  for (std::int64_t id = 1; id <= kItems; ++id) {
    const std::string rest = " item " + std::to_string(id) + " TABLE DATA t";
    for (const char* what : {"launching", "processing", "finished"}) {
      // A name can bring lines that say all are launched and none is done.
      if (id % 2 == 0 && *what == 'f') continue;
      BOOST_REQUIRE(gauge.take("pg_restore: " + (what + rest), id));
      shown = *gauge.progress(id).done;
    }
  }
  BOOST_TEST(shown >= 50);
  BOOST_TEST(monotonic_ms() - begun < kSoon);
}

// Of a name with many separators each way to read it was made and compared.
BOOST_AUTO_TEST_CASE(of_names_with_many_separators_is_read_soon) {
  std::string many;
  while (many.size() < 8000) many += "; Type: ; Schema: ; Owner: ";
  Dump d;
  DumpItem item;
  item.id = 9;
  item.class_oid = 1259;
  item.oid = 5;
  item.line = "9; 1259 5 " + std::string(many.size() - 24, ' ');
  d.items.push_back(item);
  DumpNames names(d.items);
  const std::int64_t begun = monotonic_ms();
  for (int i = 0; i < 2000; ++i) {
    names.take("-- TOC entry 9 (class 1259 OID 5)");
    names.take("-- Name: " + many);
  }
  names.finish();
  BOOST_TEST(d.items.at(0).name == "");
  BOOST_TEST(monotonic_ms() - begun < kSoon);
}

// Dependencies were kept without a bound, those of no entry, too.
// Also where a name of them never ends.
BOOST_AUTO_TEST_CASE(of_parents_without_end_is_refused) {
  std::vector<DumpItem> items = {
      {9, 1259, 7, "9; 1259 7 TABLE a b c", "TABLE a b c", "", "", "", {}}};
  DumpNames names(items);
  names.take("-- TOC entry 9 (class 1259 OID 7)");
  names.take("-- Name: b; Type: TABLE; Schema: a; Owner: c");
  const std::int64_t begun = monotonic_ms();
  names.take("INHERITS (\"x");
  for (int i = 0; i < 1000000; ++i) names.take("");
  names.take("INHERITS (\"" + std::string(10000000, 'x'));
  std::string line = "INHERITS (x";
  for (int i = 0; i < 500000; ++i) line += ", x" + std::to_string(i);
  BOOST_CHECK_THROW(names.take(line + ")"), Error);
  BOOST_TEST(monotonic_ms() - begun < kSoon);
}

BOOST_AUTO_TEST_CASE(of_dependencies_without_end_is_refused) {
  Dump d;
  for (std::int64_t id = 1; id <= 5000; ++id) {
    DumpItem item;
    item.id = id;
    d.items.push_back(item);
  }
  std::string all = "-- Dependencies:", none = all;
  for (int i = 1; i <= 5000; ++i) {
    all += " " + std::to_string(i);
    none += " " + std::to_string(1000000 + i);
  }
  DumpNames names(d.items);
  for (int i = 0; i < 1000; ++i) {
    names.take("-- TOC entry 9 (class 0 OID 0)");
    names.take(none);
  }
  BOOST_CHECK_THROW(
      for (int i = 0; i < 1000; ++i) {
        names.take("-- TOC entry 9 (class 0 OID 0)");
        names.take(all);
      },
      Error);
}

// Each table's name was compared again for each of its partitions.
BOOST_AUTO_TEST_CASE(of_partitions_in_partitions_is_read_soon) {
  std::vector<DumpItem> all;
  for (std::int64_t id = 1; id <= 20000; ++id) {
    DumpItem item;
    item.id = id;
    item.oid = id;
    item.class_oid = 1259;
    item.type = "TABLE";
    item.schema = "public";
    item.name = std::string(2000, 'x') + std::to_string(id);
    item.parents = {id == 1 ? 20000 : id - 1};  // in a circle
    all.push_back(item);
  }
  DumpItem rows = all.back();
  rows.id = 30000;
  rows.class_oid = 0;
  rows.type = "TABLE DATA";
  rows.parents = {};
  all.push_back(rows);
  const std::int64_t begun = monotonic_ms();
  BOOST_TEST(refusal(all, {"*y*z", "public.nothing"}) != "");
  BOOST_TEST(refusal(all, {"public.x*x7"}) == "");
  BOOST_TEST(chosen_items(all, {"public.x*x7"}).size() == all.size() - 1);
  BOOST_TEST(monotonic_ms() - begun < kSoon);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(folder_of_a_dump)

BOOST_AUTO_TEST_CASE(a_name_that_is_no_data_file_is_refused_in_every_version) {
  for (const int version : {10, 11, 12, 13, 14, 15, 16}) {
    const auto fault = [&](const std::string& name) {
      return fault_of_toc(toc(version, {"3001.dat", "", name, "3003.dat"}));
    };
    BOOST_TEST(fault("3002.dat") == "", version);
    for (const char* name :
         {"../../.ssh/id_ed25519", "/etc/passwd", "..", "a/b", "3002.dat.gz",
          "blobs.toc", "3002.dat/../../x", "toc.dat", " 3002.dat",
          ".dat", "99999999999.dat"}) {
      const std::string why = fault(name);
      BOOST_TEST(why.find("its toc.dat names the file " +
                          std::string(name) + "; pg_dump does not write") ==
                     0u,
                 version << why);
    }
  }
}

// pg_restore reads the file of "BLOBS" as a list of files, whatever its name.
BOOST_AUTO_TEST_CASE(large_objects_are_listed_in_a_table_that_was_checked) {
  const auto fault = [](int version, const std::string& file) {
    return fault_of_toc(toc(version, {file}, "BLOBS"));
  };
  BOOST_TEST(fault(16, "blobs_3001.toc") == "");
  BOOST_TEST(fault(15, "blobs.toc") == "");
  BOOST_TEST(fault(14, "3001.dat") == "");  // it opens blobs.toc then
  BOOST_TEST(fault(16, "3001.dat").find("its toc.dat names the file") == 0u);
  BOOST_TEST(fault(16, "blobs_x.toc").find("its toc.dat names") == 0u);
}

// An old pg_dump named a file there that it never wrote. The pg_restore of
// 17.0 opens it as a list of files, which nobody had read.
BOOST_AUTO_TEST_CASE(a_file_of_rows_is_no_table_of_objects_in_any_version) {
  for (const int version : {10, 12, 14, 15}) {
    for (const char* end : {"", ".gz", ".lz4", ".zst"}) {
      const TemporaryDir folder;
      folder.put("toc.dat", toc(version, {"3001.dat"}, "BLOBS"));
      folder.put("3002.dat", "4711 ../secret\n");
      BOOST_TEST(fault_of_folder(Dir(folder.path())) == "");
      const std::string name = std::string("3001.dat") + end;
      folder.put(name, "4711 ../secret\n");
      BOOST_TEST(fault_of_folder(Dir(folder.path()))
                     .find("its toc.dat names " + name + ", which exists, "
                           "for large objects; pg_dump does not write") == 0u);
    }
    BOOST_TEST(fault_of_toc(toc(version, {"1.dat", "2.dat"}, "BLOBS"))
                   .find("its toc.dat has two entries for all large objects")
               == 0u);
  }
}

// To pg_restore this kind was "BLOBS", here it was one of rows: 5.dat, which
// nobody had read as a list, named the large objects' files.
BOOST_AUTO_TEST_CASE(a_text_that_ends_earlier_for_pg_restore_is_refused) {
  const std::string nul(1, '\0');
  for (const int version : {10, 14, 16}) {
    for (const std::string& why :
         {fault_of_toc(toc(version, {"5.dat"}, "BLOBS" + nul + "x")),
          fault_of_toc(toc(version, {"5.dat"}, "TABLE DATA" + nul)),
          fault_of_toc(toc(version, {"5.dat"}, nul)),
          fault_of_toc(toc(version, {"5.dat" + nul})),
          fault_of_toc(toc(version, {nul + "../x"})),
          fault_of_toc(toc(version, {std::string(5000, '1') + nul}))}) {
      BOOST_TEST(why.find("its toc.dat has a text with a NUL byte "
                          "before byte ") == 0u,
                 version << why);
    }
  }
  // Of each text, with the NUL byte in the place of its first.
  const std::string whole = toc(16, {"5.dat"});
  for (const char* text : {"shop", "15.1", "0", "16385", "line", "TABLE DATA",
                           "COPY", "public", "heap", "false", "215", "5.dat"}) {
    std::string changed = whole;
    const std::size_t at =
        whole.find(std::string(3, '\0') + text) + 3;
    BOOST_REQUIRE(at < whole.size());
    changed[at] = '\0';
    BOOST_TEST(fault_of_toc(changed).find("has a text with a NUL byte") !=
                   std::string::npos,
               text);
  }
}

BOOST_AUTO_TEST_CASE(an_archive_that_is_not_understood_is_refused) {
  const std::string good = toc(14, {"3001.dat"});
  const auto with = [&](std::size_t at, char byte) {
    std::string out = good;
    out[at] = byte;
    return fault_of_toc(out);
  };
  BOOST_TEST(fault_of_toc(good) == "");
  for (const int minor : {0, 1, 9, 17, 255}) {
    BOOST_TEST(with(6, static_cast<char>(minor))
                   .find("its toc.dat is an archive of version 1." +
                         std::to_string(minor) + ", but Berth reads 1.10 to "
                         "1.16") == 0u);
  }
  // pg_restore reads one of up to 32, with what is beyond an int in no order.
  for (const int size : {0, 3, 5, 8, 16, 32}) {
    BOOST_TEST(with(8, static_cast<char>(size))
                   .find("its toc.dat has integers of " +
                         std::to_string(size) + " bytes") == 0u);
  }
  BOOST_TEST(with(0, 'p').find("its toc.dat is not an archive") == 0u);
  BOOST_TEST(with(10, '\x01').find("its toc.dat is not of the direct") == 0u);
}

BOOST_AUTO_TEST_CASE(the_table_of_large_objects_is_read_line_by_line) {
  const auto fault = [](const std::string& lines) {
    const TemporaryDir folder;
    folder.put("blobs_7.toc", lines);
    return fault_of_folder(Dir(folder.path()));
  };
  const std::string good = "16401 blob_16401.dat\n";
  BOOST_TEST(fault(good + "16402 blob_16402.dat\n") == "");
  BOOST_TEST(fault("") == "");
  for (const char* bad :
       {"16402 ../../x", "16402 blob_1.dat.gz", "16402 blob_1.dat ",
        "16402  blob_1.dat", "16402\tblob_1.dat", "-1 blob_1.dat",
        "blob_1.dat", "x", " ", "16402 blob_../x.dat", "16402 1.dat"}) {
    BOOST_TEST(fault(good + bad + "\n").find("its blobs_7.toc ") == 0u, bad);
    BOOST_TEST(fault(good + bad + "\n").find(" in line 2; pg_dump") !=
                   std::string::npos,
               bad);
  }
  BOOST_TEST(fault(good + "16402 ../../x\n")
                 .find("its blobs_7.toc names the file ../../x in line 2;") ==
             0u);
  BOOST_TEST(fault(std::string("1 blob_1.dat\0\n", 14)) != "");
  // Of what is longer than a line can be no more is read.
  const std::string why = fault("1 " + std::string(5000, ' ') + "../x\n");
  BOOST_TEST(why.find("its blobs_7.toc has 1 ") == 0u, why);
  BOOST_TEST(why.size() < 300u);
  BOOST_TEST(fault(good + "16402 blob_16402.da")
                 .find("its blobs_7.toc is truncated in its last line") == 0u);
}

BOOST_AUTO_TEST_CASE(what_pg_dump_does_not_write_is_no_part_of_it) {
  const auto is_fetched = [](const std::string& name) {
    const auto all = patterns_of_dump();
    return std::any_of(all.begin(), all.end(), [&](const auto& pattern) {
      return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    });
  };
  for (const char* name :
       {"toc.dat", "1.dat", "3001.dat.gz", "3001.dat.lz4", "3001.dat.zst",
        "blobs.toc", "blobs_12.toc", "blob_1.dat", "blob_16401.dat.gz",
        "blob_16401.dat.lz4", "blob_16401.dat.zst", "4294967295.dat",
        "blob_4294967295.dat.zst", "blobs_2147483647.toc", "10.dat"}) {
    BOOST_TEST(is_file_of_dump(name), name);
    BOOST_TEST(is_fetched(name), name);
  }
  for (const char* name :
       {"toc.dat.gz", "toc.dat.lz4", "toc.dat.zst", "blobs.toc.gz",
        "blobs_12.toc.gz", "1.dat.bz2", "1.dat.gz.gz", "blob_.dat", ".dat",
        "1.DAT", "restore.sql", ".rsync", "1.dat~", "blobs_.toc",
        "12345678901.dat", "blob_blob_1.dat", "", "5abc.dat", "5.dat.dat",
        "0.dat", "007.dat", "blob_1x.dat.gz", "blobs_1.bak.toc", "blobs_0.toc",
        "blobs_1.toc.toc", "1.2.dat", "-1.dat", "x1.dat", "blobs.toc.1"}) {
    BOOST_TEST(!is_file_of_dump(name), name);
    BOOST_TEST(!is_fetched(name), name);
  }
  for (const char* name : {"blobs.toc.gz", "blobs_7.toc.zst", "toc.dat.lz4"}) {
    const TemporaryDir folder;
    folder.put(name, "");
    BOOST_TEST(fault_of_folder(Dir(folder.path()))
                   .find("contains " + std::string(name) + ", which is not a "
                         "file of a dump in directory format; pg_dump") == 0u);
  }
}

BOOST_AUTO_TEST_CASE(what_an_administrator_puts_beside_it_is_ignored) {
  const TemporaryDir folder;
  folder.put("toc.dat", toc(14, {"1.dat"}));
  folder.put("1.dat", "\\.\n");
  const std::string identity = dump_identity(folder.path());
  for (const char* name :
       {"README", "SHA256SUMS", "toc.dat.sha256", "1.dat.md5", ".done",
        "restore.sql", "gr\xC3\xB6\xC3\x9F" "e.txt", "x.toc", "blobs_.toc"}) {
    folder.put(name, "../secret\n");
    BOOST_TEST(fault_of_folder(Dir(folder.path())) == "", name);
  }
  // It may be put there while the dump is read.
  BOOST_TEST(dump_identity(folder.path()) == identity);
  folder.put("2.dat", "");
  BOOST_TEST(dump_identity(folder.path()) != identity);
  for (const char* name : {"a\nb", "\x1b[2J", "\xff"}) {
    const TemporaryDir other;
    other.put(name, "");
    BOOST_TEST(fault_of_folder(Dir(other.path()))
                   .find(", a name with control characters or invalid "
                         "UTF-8; pg_dump does not") != std::string::npos);
  }
  const TemporaryDir linked;
  ::symlink("/etc/passwd", (linked.path() + "/README").c_str());
  BOOST_TEST(fault_of_folder(Dir(linked.path()))
                 .find("contains README, which is not a regular file") == 0u);
}

// A mount point has lost+found, a file server shows its snapshots.
BOOST_AUTO_TEST_CASE(what_a_file_server_puts_beside_it_is_ignored) {
  const TemporaryDir folder;
  folder.put("toc.dat", toc(14, {"1.dat"}));
  folder.put("1.dat", "\\.\n");
  const std::string identity = dump_identity(folder.path());
  for (const char* name : {".snapshot", ".snapshots", ".zfs", "lost+found"}) {
    BOOST_REQUIRE(::mkdir((folder / name).c_str(), 0) == 0);
    BOOST_TEST(fault_of_folder(Dir(folder.path())) == "", name);
  }
  BOOST_TEST(dump_identity(folder.path()) == identity);
  const TemporaryDir others;
  const auto refused = [&](const std::string& name) {
    const std::string why = fault_of_folder(Dir(others.path()));
    std::filesystem::remove(others / name);
    return why.find("contains " + name + ", which is not a regular file") == 0u;
  };
  ::mkdir((others / "2").c_str(), 0700);
  BOOST_TEST(refused("2"));
  ::mkdir((others / ".snapshot2").c_str(), 0700);
  BOOST_TEST(refused(".snapshot2"));
  ::symlink("/", (others / ".snapshot").c_str());
  BOOST_TEST(refused(".snapshot"));
  ::mkfifo((others / "lost+found").c_str(), 0600);
  BOOST_TEST(refused("lost+found"));
}

BOOST_AUTO_TEST_CASE(cut_off_or_changed_at_any_byte_it_is_read_to_an_end) {
  const std::string whole = toc(14, {"3001.dat", "3002.dat"});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    BOOST_TEST(fault_of_toc(whole.substr(0, i))
                   .find("its toc.dat is truncated at byte " +
                         std::to_string(i) + ";") == 0u,
               i);
    for (const char byte : {'\xff', '\x7f', '\x01'}) {
      std::string changed = whole;
      changed[i] = byte;
      BOOST_CHECK_NO_THROW(fault_of_toc(changed));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(folder_of_a_real_dump, RealDump)

// However it is compressed, by each pg_dump that is on this machine.
BOOST_AUTO_TEST_CASE(is_taken) {
  root->run("CREATE DATABASE work");
  const auto inside = connect("root", "work");
  inside->run("CREATE TABLE a AS SELECT 1 AS id");
  inside->run("SELECT lo_from_bytea(4711, 'ours')");
  std::vector<std::string> programs = {"pg_dump"};
  for (const char* release : {"15", "16", "17", "18"}) {
    programs.push_back("/usr/lib/postgresql/" + std::string(release) +
                       "/bin/pg_dump");
  }
  int number = 0, taken = 0;
  for (const std::string& program : programs) {
    if (program != "pg_dump" && ::access(program.c_str(), X_OK) != 0) continue;
    for (const char* packed : {"0", "1", "gzip:1", "lz4", "zstd"}) {
      const std::string path = folder / std::to_string(++number);
      const RunResult done = run(
          {program, "-Fd", "--compress", packed, "-f", path,
           Postgres::instance().conninfo("root", "work")}, 60000);
      if (!done.status.ok()) continue;  // an older one knows numbers only
      BOOST_TEST(fault_of_folder(Dir(path)) == "");
      ++taken;
    }
  }
  BOOST_TEST(taken >= 2);
}

// Between the check and the restore its author may change a dump that is used
// where it is.
BOOST_AUTO_TEST_CASE(changed_after_its_check_shows_pg_restore_no_other_file) {
  root->run("CREATE DATABASE work");
  connect("root", "work")->run("SELECT lo_from_bytea(4711, 'ours')");
  const std::string path = folder / "leak";
  BOOST_REQUIRE(run({"pg_dump", "-Fd", "-f", path,
                     Postgres::instance().conninfo("root", "work")}, 60000)
                    .status.ok());
  folder.put("secret", "key-of-the-console");
  folder.put("leak/blobs.toc", "4711 ../secret\n");
  const auto restored = [&](const std::optional<Confinement>& confinement) {
    ChildOptions options;
    options.confinement = confinement;
    return run({"pg_restore", "-f", "-", path}, 60000, 1 << 20, options);
  };
  // "key-of-the-console" as pg_restore writes bytes.
  const std::string key = "6b65792d6f662d7468652d636f6e736f6c65";
  BOOST_TEST(restored({}).out.find(key) != std::string::npos);
  const RunResult confined = restored(confined_pg_restore(path));
  BOOST_TEST(!confined.status.ok());
  BOOST_TEST(confined.out.find(key) == std::string::npos);
  BOOST_TEST(confined.err.find("could not open") != std::string::npos,
             confined.err);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(names_in_a_real_dump, RealDump)

const std::vector<std::string> kOddNames = {
    "CREATE ROLE \"items shop\"", "CREATE SCHEMA \"my schema\"",
    "CREATE TABLE \"my schema\".\"order items\" (id int)",
    "CREATE TABLE \"order\" (id int)",
    "ALTER TABLE \"order\" OWNER TO \"items shop\"",
    "CREATE TABLE \"order items\" (id int)",
    "CREATE TABLE \"a.b\"\"c; Type: X\" (id int)",
    "CREATE TABLE ev (at int, id int) PARTITION BY RANGE (at)",
    "CREATE TABLE \"ev 24\" PARTITION OF ev FOR VALUES FROM (24) TO (25) "
    "PARTITION BY LIST (id)",
    "CREATE TABLE \"my schema\".deep PARTITION OF \"ev 24\" DEFAULT",
    "CREATE TABLE rest PARTITION OF ev DEFAULT",
    "CREATE TABLE child () INHERITS (\"order\")",
    "CREATE MATERIALIZED VIEW \"mat view\" AS SELECT 1 AS one"};

void drop_role(RealDump& of) {
  of.root->run("DROP DATABASE work WITH (FORCE)");
  of.root->run("DROP ROLE \"items shop\"");
}

// The owner was the last word: rows of "order items" were those of "order".
BOOST_AUTO_TEST_CASE(are_read_whatever_blanks_dots_and_quotes_are_in_them) {
  for (const char* format : {"-Fc", "-Ft"}) {
    const Dump d = of(kOddNames, format);
    drop_role(*this);
    BOOST_TEST(rows_of(d.items) ==
               "my schema.deep, my schema.order items, public.a.b\"c; Type: X, "
               "public.child, public.mat view, public.order, "
               "public.order items, public.rest");
    const auto left = [&](const std::vector<std::string>& skip_data) {
      return rows_of(chosen_items(d.items, skip_data));
    };
    BOOST_TEST(left({"public.order"}) ==
               "my schema.deep, my schema.order items, public.a.b\"c; Type: X, "
               "public.order items, public.rest");
    BOOST_TEST(left({"*.order items", "public.a.b\"c; Type: X", "*.child"}) ==
               "my schema.deep, public.order, public.rest");
    // A partitioned table's, at any depth and in any schema.
    BOOST_TEST(left({"public.ev"}) ==
               "my schema.order items, public.a.b\"c; Type: X, public.child, "
               "public.order, public.order items");
    BOOST_TEST(left({"public.ev 24", "public.mat*"}) ==
               "my schema.order items, public.a.b\"c; Type: X, public.child, "
               "public.order, public.order items, public.rest");
    // Materialized views are filled after the scrub, and not by the restore.
    const auto views = filled_views(d.items, {"public.ev"});
    BOOST_REQUIRE(views.size() == 1u);
    BOOST_TEST(views[0].first + "|" + views[0].second == "public|mat view");
    BOOST_TEST(filled_views(d.items, {"*.mat view"}).empty());
    BOOST_TEST(refusal(d.items, {"public.ev", "public.orders"}).find(
                   "skip_data public.orders: matches no table") == 0u);
  }
}

// A SELECT of the table read the rows of its children.
BOOST_AUTO_TEST_CASE(of_children_follow_each_parent_at_any_depth) {
  const Dump d = of(
      {"CREATE SCHEMA \"my schema\"", "CREATE TABLE log (id int)",
       "CREATE TABLE \"my schema\".log (id int)",
       "CREATE TABLE \"select\" (id int)",
       "CREATE TABLE \"a.b\"\"c), (d, \ne\" (id int)",
       "CREATE TABLE log_2024 () INHERITS (log)",
       "CREATE TABLE \"my schema\".\"of two\" (x int, CHECK (x > 0)) "
       "INHERITS (\"a.b\"\"c), (d, \ne\", \"my schema\".log)",
       "CREATE TABLE deep () INHERITS (log_2024, \"select\")",
       "CREATE TABLE deeper () INHERITS (deep)",
       // These depend on a table and do not inherit from it.
       "CREATE TABLE has_a (one log, more log_2024[])",
       "CREATE TABLE says (one log, t text DEFAULT "
       "E'it''s \"\nINHERITS (public.log)\nPARTITION BY it')",
       "CREATE TABLE \"log PARTITION OF 2025\" () INHERITS (log)",
       "CREATE TABLE refers (t text DEFAULT E'\nINHERITS (\"x\n') "
       "INHERITS (log)"},
      "-Fc");
  const auto left = [&](const std::string& glob) {
    return rows_of(chosen_items(d.items, {glob}));
  };
  const std::string odd = "public.a.b\"c), (d,  e";
  BOOST_TEST(left("public.log") ==
             "my schema.log, my schema.of two, " + odd + ", public.has_a, "
             "public.says, public.select");
  BOOST_TEST(left("my schema.log") ==
             odd + ", public.deep, public.deeper, public.has_a, public.log, "
             "public.log PARTITION OF 2025, public.log_2024, public.refers, "
                 "public.says, public.select");
  BOOST_TEST(left("public.a.b*") ==
             "my schema.log, public.deep, public.deeper, public.has_a, "
             "public.log, public.log PARTITION OF 2025, public.log_2024, "
             "public.refers, public.says, public.select");
  BOOST_TEST(left("public.select") ==
             "my schema.log, my schema.of two, " + odd + ", public.has_a, "
             "public.log, public.log PARTITION OF 2025, public.log_2024, "
             "public.refers, public.says");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fetch_of_a_dump)

BOOST_AUTO_TEST_CASE(reads_what_the_host_lists) {
  Remote file;
  BOOST_TEST(add_listed("-rw-r-----     1155652 2026/11/22 21:57:37 shop.dump",
                        "shop.dump", file));
  BOOST_TEST(file.size == 1155652);
  BOOST_TEST(!file.folder);
  Remote folder;
  for (const char* line :
       {"drwxr-xr-x           4096 2026/11/22 21:57:37 a dump",
        "-rw-r--r--            100 2026/11/22 21:57:37 a dump/toc.dat",
        "-rw-r--r--             11 2026/11/22 21:57:37 a dump/1.dat"}) {
    BOOST_TEST(add_listed(line, "a dump", folder));
  }
  BOOST_TEST(folder.folder);
  BOOST_TEST(folder.size == 111);
  BOOST_TEST(folder.largest == 100);
  BOOST_TEST(folder.entries == 3);
  BOOST_TEST(folder.strange == "");
  // A link in it is none to the folder, and no part of a dump.
  BOOST_TEST(add_listed("lrwxrwxrwx  9 2026/11/22 21:57:37 a dump/2.dat -> /x",
                        "a dump", folder));
  BOOST_TEST(!folder.link);
  BOOST_TEST(folder.strange ==
             "a dump/2.dat, which is not a regular file");
  // What is not fetched is not counted.
  Remote notes;
  for (const char* line :
       {"drwxr-xr-x           4096 2026/11/22 21:57:37 a dump",
        "-rw-r--r--            100 2026/11/22 21:57:37 a dump/toc.dat",
        "-rw-r--r--  9999999999999 2026/11/22 21:57:37 a dump/READ ME"}) {
    BOOST_TEST(add_listed(line, "a dump", notes));
  }
  BOOST_TEST(notes.size == 100);
  BOOST_TEST(notes.largest == 100);
  BOOST_TEST(notes.entries == 2);
  BOOST_TEST(notes.strange == "");
  BOOST_TEST(add_listed("-rw-r--r-- 1 2026/11/22 21:57:37 a dump/toc.dat.gz",
                        "a dump", notes));
  BOOST_TEST(notes.strange == "a dump/toc.dat.gz, which is not a file of a "
                              "dump in directory format");
  Remote control;
  BOOST_TEST(add_listed("-rw-r--r-- 1 2026/11/22 21:57:37 a dump/x\\#012",
                        "a dump", control));
  BOOST_TEST(control.strange != "");
  Remote content;
  for (const char* line :
       {"drwxr-xr-x           4096 2026/11/22 21:57:37 .",
        "-rw-r--r--            100 2026/11/22 21:57:37 toc.dat"}) {
    BOOST_TEST(add_listed(line, ".", content));
  }
  BOOST_TEST(content.folder);
  BOOST_TEST(content.size == 100);
  BOOST_TEST(content.strange == "");
  BOOST_TEST(add_listed("drwxr-xr-x 4096 2026/11/22 21:57:37 more", ".",
                        content));
  BOOST_TEST(content.strange == "more, which is not a regular file");
  Remote link;
  BOOST_TEST(add_listed("lrwxrwxrwx  9 2026/11/22 21:57:37 l -> x.dump", "l",
                        link));
  BOOST_TEST(link.link);
  for (const char* other : {"", "Welcome to backup", "-rw-r--r-- 1 2026 x",
                            "-rw-r--r-- 5 2026/11/22 21:57:37 shop.dump2"}) {
    BOOST_TEST(!add_listed(other, "shop.dump", file));
  }
  BOOST_TEST(file.size == 1155652);
}

// Who lists is another host.
BOOST_AUTO_TEST_CASE(sizes_that_no_disk_has_stay_the_largest_number) {
  Remote huge;
  for (const char* line :
       {"-rw-r--r-- 9223372036854775807 2026/11/22 21:57:37 d/1.dat",
        "-rw-r--r-- 9223372036854775807 2026/11/22 21:57:37 d/2.dat",
        "-rw-r--r-- -9223372036854775808 2026/11/22 21:57:37 d/3.dat"}) {
    BOOST_TEST(add_listed(line, "d", huge));
    BOOST_TEST(huge.size == std::numeric_limits<std::int64_t>::max());
  }
  BOOST_TEST(progress_bytes(" -5 1%") == 0);
  BOOST_TEST(progress_bytes(" 99999999999999999999 1%") == 0);
}

BOOST_AUTO_TEST_CASE(reads_progress_and_nothing_else) {
  BOOST_TEST(progress_bytes("      32768   2%    0.00kB/s    0:00:00") ==
             32768);
  BOOST_TEST(progress_bytes("   1155652 100%   61.22MB/s    0:00:00 (xfr#1)")
             == 1155652);
  for (const char* other : {"", "sending incremental file list", "12 rows",
                            "a 100%", "100%"}) {
    BOOST_TEST(progress_bytes(other) == 0);
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_for_people) {
  BOOST_TEST(size_text(0) == "0 bytes");
  BOOST_TEST(size_text(1536) == "1.5 KiB");
  BOOST_TEST(size_text(1155652) == "1.1 MiB");
  BOOST_TEST(size_text(std::int64_t{50} << 30) == "50 GiB");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
