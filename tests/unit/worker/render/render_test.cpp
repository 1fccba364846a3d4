// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/render/render.hpp"

#include <boost/test/unit_test.hpp>

#include "base/child.hpp"
#include "base/error.hpp"
#include "base/quote.hpp"
#include "temporary_dir.hpp"

namespace berth::worker {
namespace {

const Variables kVariables = {
    {"server", std::string("qa1")},
    {"secret.key", std::string("p'w\\\"$`{{server:x-python}}")},
    {"set.DEBUG", false},
    {"set.LIMIT", std::int64_t{42}},
    {"set.RATE", 0.5},
    {"set.TITLE", std::string("Jörg's \"Shop\"")},
    {"set.EMPTY", std::string()},
    {"set.BAD", std::string("a\nListen 80")},
    {"set.EXPAND", std::string("${HOME}")},
    {"secret.pem", std::string("--BEGIN--\nit's\n\tend\n")},
};

std::string rendered(const std::string& text) {
  return render({"file", "file.tpl", text}, kVariables);
}

// The message of the refusal; empty when it was not refused.
std::string refusal(const std::string& text) {
  try {
    rendered(text);
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Values that try to get out of their quotes.
const std::vector<std::string> kHostile = {
    "plain", "", "it's", "\"", "\\", "\\'", "'; rm -rf / #", "$(id)", "`id`",
    "a b", "\\\\\"", "${x", "é\xE2\x82\xAC", "%{HOST}", "-n", "~", "*",
    "trailing\\", "'''", "#", "$HOME", "!!", "</Directory>",
    "J\\u00f6rg", "Käse 🧀 \xEE\x80\x80"};

// These, and values of several lines, which Apache cannot express.
std::vector<std::string> with_lines() {
  std::vector<std::string> out = kHostile;
  out.insert(out.end(), {"a\nb", "\n", "\\n\n", "it's\r\n\ta 'PEM'\n"});
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(render_of_templates)

BOOST_AUTO_TEST_CASE(text_outside_markers_is_kept_byte_for_byte) {
  const std::string text =
      "  a { b } }} %{GROUP}\n\n\t<x y=\"z\">\r\n# $1 \\ ` $x {\n";
  BOOST_TEST(rendered(text) == text);
  BOOST_TEST(rendered("") == "");
  BOOST_TEST(rendered(text + "{{server:x-shell}}\n" + text) ==
             text + "qa1\n" + text);
  BOOST_TEST(rendered("\n  {{server:x-shell}}  \n\n") == "\n  qa1  \n\n");
}

BOOST_AUTO_TEST_CASE(values_keep_their_types) {
  BOOST_TEST(rendered("D = {{set.DEBUG:x-python}}") == "D = False");
  BOOST_TEST(rendered("{{set.LIMIT:x-python}} {{set.RATE:x-python}}") ==
             "42 0.5");
  BOOST_TEST(rendered("{{set.DEBUG:x-apache}}{{set.DEBUG:x-shell}}") ==
             "Offfalse");
  BOOST_TEST(rendered("{{set.TITLE:x-python}}") ==
             "'J\\u00f6rg\\'s \"Shop\"'");
  BOOST_TEST(rendered("{{set.TITLE:x-apache}}") ==
             "\"Jörg's \\\"Shop\\\"\"");
}

BOOST_AUTO_TEST_CASE(a_value_with_a_marker_in_it_is_not_expanded_again) {
  BOOST_TEST(rendered("{{secret.key:x-python}}") ==
             "'p\\'w\\\\\"$`{{server:x-python}}'");
}

BOOST_AUTO_TEST_CASE(a_typo_in_a_name_is_told_with_its_line) {
  BOOST_TEST(has(refusal("a\nb {{servr:x-python}}"), "file.tpl:2"));
  BOOST_TEST(has(refusal("{{DEBUG:x-python}}"), "did you mean set.DEBUG?"));
  BOOST_TEST(has(refusal("{{guest.user:x-apache}}"), "guest/APP.json"));
}

BOOST_AUTO_TEST_CASE(a_typo_in_a_modifier_is_refused) {
  for (const char* marker :
       {"{{server:x-pyhton}}", "{{server:x-python:x-python}}", "{{server}}",
        "{{server:}}", "{{server:h}}", "{{server:html_escape}}",
        "{{server:x-python=1}}", "{{server:x-none}}", "{{server:j:x-python}}",
        "{{server :x-python}}", "{{ server:x-python}}"}) {
    BOOST_TEST(!refusal(marker).empty(), marker << " was not refused");
  }
}

BOOST_AUTO_TEST_CASE(all_else_that_ctemplate_knows_is_refused) {
  for (const char* marker :
       {"{{#S}}{{/S}}", "{{/S}}", "{{>file}}", "{{>server:x-python}}",
        "{{!server}}", "{{%AUTOESCAPE context=\"HTML\"}}", "{{=| |=}}", "{{}}",
        "{{server:x-python", "{{server\n:x-python}}", "{{{server:x-python}}}",
        "{{#server:x-python}}", "{{BI_NEWLINE}}", "{{BI_SPACE:x-python}}",
        "{{"}) {
    BOOST_TEST(!refusal(marker).empty(), marker << " was not refused");
  }
}

BOOST_AUTO_TEST_CASE(control_characters_and_apache_variables_are_refused) {
  BOOST_TEST(has(refusal("{{set.BAD:x-apache}}"), "control characters"));
  BOOST_TEST(has(refusal("{{set.BAD:x-apache}}"), "line break"));
  BOOST_TEST(has(refusal("{{set.EXPAND:x-apache}}"), "${"));
  BOOST_TEST(rendered("{{set.EXPAND:x-shell}}") == "'${HOME}'");
  for (const std::string& bad :
       {std::string("\x00x", 2), std::string("\x1b["), std::string("\x7f"),
        std::string("\xC2\x85"), std::string("\xff"),
        std::string("a\n\x1b[")}) {
    BOOST_CHECK_THROW(quote_python(bad), std::invalid_argument);
    BOOST_CHECK_THROW(quote_shell(bad), std::invalid_argument);
    BOOST_CHECK_THROW(quote_apache(bad), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_value_of_several_lines_is_one_value) {
  BOOST_TEST(rendered("K = {{secret.pem:x-python}}") ==
             "K = '--BEGIN--\\nit\\'s\\n\\tend\\n'");
  BOOST_TEST(rendered("K={{secret.pem:x-shell}}\n") ==
             "K='--BEGIN--\nit'\\''s\n\tend\n'\n");
  BOOST_TEST(has(refusal("K {{secret.pem:x-apache}}"), "line break"));
  // A comment ends with its line: the rest would be code.
  BOOST_TEST(has(refusal("a\n# K {{secret.pem:x-shell}}"), "file.tpl:2"));
  BOOST_TEST(rendered("# {{secret.pem:x-python}}").find('\n') ==
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_secret_stands_in_a_refusal) {
  Variables variables = kVariables;
  variables["secret.key"] = std::string("hunter2\x1b");
  try {
    render({"file", "file.tpl", "{{secret.key:x-python}}"}, variables);
    BOOST_ERROR("not refused");
  } catch (const Error& e) {
    BOOST_TEST(!has(e.what(), "hunter2"));
  }
}

BOOST_AUTO_TEST_CASE(python_reads_back_every_hostile_value) {
  std::string program = "import sys\nout = [";
  for (const auto& value : with_lines()) program += quote_python(value) + ",";
  program += "]\nsys.stdout.buffer.write('\\n'.join(out).encode())\n";
  // Where no locale is set, as in an Apache that nobody has told of one.
  const RunResult result =
      run({"/usr/bin/env", "LC_ALL=C", "PYTHONCOERCECLOCALE=0",
           "PYTHONUTF8=0", "/usr/bin/python3", "-c", program}, 20000);
  std::string wanted;
  for (const auto& value : with_lines()) wanted += value + "\n";
  wanted.pop_back();
  BOOST_TEST(result.out == wanted, result.err);
}

BOOST_AUTO_TEST_CASE(the_shell_reads_back_every_hostile_value) {
  std::string program = "printf '%s\\n'";
  std::string wanted;
  for (const auto& value : with_lines()) {
    program += " " + quote_shell(value);
    wanted += value + "\n";
  }
  // `-` and `~` alone are plain only where a shell leaves them alone.
  const RunResult result = run({"/bin/sh", "-c", program}, 20000);
  BOOST_TEST(result.out == wanted, result.err);
}

BOOST_AUTO_TEST_CASE(apache_takes_every_hostile_value_as_one_argument) {
  TemporaryDir folder;
  std::string conf = "ServerRoot " + folder.path() +
                     "\nServerName x\nListen 127.0.0.1:1\nPidFile p\n"
                     "ErrorLog e\nLoadModule mpm_event_module "
                     "/usr/lib/apache2/modules/mod_mpm_event.so\n";
  int number = 0;
  for (const auto& value : kHostile) {
    if (value.find("${") != std::string::npos) continue;
    conf += "Define N" + std::to_string(number++) + " " +
            quote_apache(value) + "\n";
  }
  folder.put("httpd.conf", conf);
  const RunResult result = run({"/usr/sbin/apache2", "-t", "-f",
                                folder / "httpd.conf"}, 20000);
  BOOST_TEST(result.status.ok(), result.err);
}

BOOST_AUTO_TEST_CASE(the_folder_is_a_tree_of_templates_and_nothing_else) {
  TemporaryDir etc;
  BOOST_TEST(read_templates(etc.path(), "shop").empty());
  etc.put("templates/shop/etc/shop/b.py.tpl", "b");
  etc.put("templates/shop/etc/a.conf.tpl", "a");
  etc.put("templates/shop/etc/.b.py.tpl.swp", "no");
  etc.put("templates/shop/etc/a.conf.tpl~", "no");
  etc.put("templates/shop/README", "no");
  const auto found = read_templates(etc.path(), "shop");
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].path == "etc/a.conf");
  BOOST_TEST(found[1].path == "etc/shop/b.py");
  const std::string before = templates_digest(found);
  etc.put("templates/shop/etc/a.conf.tpl", "b");
  BOOST_TEST(templates_digest(read_templates(etc.path(), "shop")) != before);
  etc.put("templates/shop/etc/plain.conf", "no");
  BOOST_CHECK_THROW(read_templates(etc.path(), "shop"), Error);
}

BOOST_AUTO_TEST_CASE(the_templates_that_ship_render) {
  ApplicationConfig shop;
  shop.name = "shop";
  shop.cluster = "db1";
  shop.owner = "shop";
  shop.root = "/srv/shop";
  shop.url = "http://{server}.example.com/";
  shop.set["DEBUG"] = false;
  Facts facts;
  facts.server = "qa1";
  facts.path = "branches/\"x y\"";
  facts.revision = "34";
  facts.slot = "b";
  facts.guest_user = "shop-runs";
  facts.guest_group = "shop-files";
  facts.database = "shop_qa1";
  facts.cluster_host = "db1";
  facts.cluster_port = "5432";
  const Secrets secrets = {{"database_password", "p'w"}, {"secret_key", "k"}};
  TemporaryDir etc;
  std::filesystem::create_directories(etc / "templates");
  std::filesystem::copy("templates/django", etc / "templates/shop",
                        std::filesystem::copy_options::recursive);
  const auto files = render_all(read_templates(etc.path(), "shop"),
                                variables_of(shop, facts, secrets));
  BOOST_REQUIRE(files.size() == 3u);
  BOOST_TEST(has(files[0].text, " user=shop-runs group=shop-files \\"));
  BOOST_TEST(has(files[0].text, " home=/srv/shop lang=C.UTF-8 locale=C.UTF-8\n"));
  BOOST_TEST(has(files[1].text, "\"PASSWORD\": 'p\\'w'"));
  BOOST_TEST(has(files[1].text, "DEBUG = False"));
  BOOST_TEST(has(files[2].text, "sys.path.insert(0, '/srv/shop/b')"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
