// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <time.h>

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "temporary_dir.hpp"
#include "worker/dump.hpp"
#include "worker/fetch.hpp"
#include "worker/restore.hpp"

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

Dump dump() {
  Dump out;
  read_list(kList, out);
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
  BOOST_TEST(why("<html>").find("is no dump") == 0u);
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
  std::vector<std::string> used;
  const auto items =
      chosen_items(dump().items, {"audit.*", "public.none"}, used);
  BOOST_TEST((used == std::vector<std::string>{"audit.*"}));
  std::string ids;
  for (const auto& item : items) ids += std::to_string(item.id) + " ";
  BOOST_TEST(ids == "217 3364 3378 3214 ");
}

BOOST_AUTO_TEST_CASE(is_followed_in_parallel_by_its_launches_and_ends) {
  const auto all = dump().items;
  RestoreGauge gauge(all, {{"TABLE DATA public product", 900},
                           {"TABLE DATA audit log line", 95}});
  BOOST_TEST(gauge.take("pg_restore: processing item 217 TABLE product", 0));
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
