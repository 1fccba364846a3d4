// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "store/preview.hpp"
#include "temporary_dir.hpp"
#include "worker/build/comparison.hpp"

BOOST_AUTO_TEST_SUITE(preview)

using namespace berth;
using namespace berth::worker;

namespace {

// What a guest's line looks like to people, with one template line of secrets.
std::string seen(const std::string& line) {
  const Mask known(Secrets{{"password", "hunter2"}});
  const GuestMask mask(known, std::string("DEBUG = False\nKEY = '") +
                                  kPlaceholder + "'\n  Header x " +
                                  kPlaceholder + " always\n");
  return mask(line);
}

std::string diff_of(bool there, const std::string& old,
                    const std::string& rendered) {
  Link link = Link::inherited();
  const Mask known(Secrets{{"password", "new-secret"}});
  const GuestMask mask(known, std::string("a\nKEY = '") + kPlaceholder + "'\n");
  return *shown_diff("etc/x", there, old, rendered, mask, link,
                     Deadline::in_s(20));
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_of_the_guest_shows_no_secret_that_is_known) {
  BOOST_TEST(seen("the word is hunter2.") == "the word is *****.");
}

BOOST_AUTO_TEST_CASE(where_a_template_writes_a_secret_an_older_one_is_hidden) {
  BOOST_TEST(seen("KEY = 'an older one'") == "KEY = *****");
  BOOST_TEST(seen("KEY = \"with 'quotes'\"") == "KEY = *****");
  BOOST_TEST(seen("  KEY = x  # or y") == "  KEY = *****");
  BOOST_TEST(seen("Header x s3cret always") == "Header x *****");
  BOOST_TEST(seen("DEBUG = True") == "DEBUG = True");
}

BOOST_AUTO_TEST_CASE(what_sounds_like_a_secret_is_hidden) {
  BOOST_TEST(seen("MAIL_PASSWORD = 'x'") == "MAIL_PASSWORD = *****");
  BOOST_TEST(seen("  'TOKEN': 'x',") == "  'TOKEN': *****");
  BOOST_TEST(seen("AuthBasicPasswd x y") == "AuthBasicPasswd *****");
  BOOST_TEST(seen("u = 'https://bob:x@db/?a=1'") ==
             "u = 'https://*****@db/?a=1'");
  BOOST_TEST(seen("X = 'dGhpcyBJcyBub3QgYSBr3Xk9'") == "X = '*****'");
  BOOST_TEST(seen("MIIEvQIBADANBgkq/kiG9w0B+QEFAASC/Kgw") == "*****");
  BOOST_TEST(seen("DB_PASS = 'Winter2026!'") == "DB_PASS = *****");
  BOOST_TEST(seen("'pass' => 'Winter2026!',") == "'pass' => *****");
  BOOST_TEST(seen("dbpass=Winter2026!") == "dbpass=*****");
  BOOST_TEST(seen("BIND_PW = 'x'") == "BIND_PW = *****");
  BOOST_TEST(seen("rootpw x") == "rootpw *****");
  BOOST_TEST(seen("HASH_SALT: x") == "HASH_SALT: *****");
  BOOST_TEST(seen("PSK=x") == "PSK=*****");
  // What a diff is read for stays.
  for (const char* plain :
       {"ServerName qa1.example.com", "WSGIScriptAlias / /srv/shop/current/x",
        "ProxyPass / http://127.0.0.1:8000/", "PassengerRoot /usr/lib/x",
        "  proxy_pass http://127.0.0.1:8000;", "bypass = 7",
        "REVISION = '0123456789abcdef0123456789abcdef01234567'",
        "u = 'https://example.com/a@b'", ""}) {
    BOOST_TEST(seen(plain) == plain);
  }
}

BOOST_AUTO_TEST_CASE(a_diff_hides_both_the_old_and_the_new_secret) {
  const std::string diff = diff_of(true, "a\nKEY = 'old-secret'\nlast",
                                   "a\nKEY = 'new-secret'\nlast");
  BOOST_TEST(diff ==
             "--- a/etc/x\n+++ b/etc/x\n@@ -1,3 +1,3 @@\n a\n-KEY = *****\n"
             "+KEY = '*****'\n last\n\\ No newline at end of file\n");
}

// A line with the word in it, as "BEGIN PRIVATE KEY" has, ended the value.
BOOST_AUTO_TEST_CASE(a_diff_hides_a_here_document_to_the_line_of_its_word) {
  for (const char* first : {"first PWline", "PW2", "PW_"}) {
    const std::string head =
        std::string("$db_password = <<<PW\n") + first + "\n";
    const std::string diff =
        diff_of(true, head + "Winter2026!\nPW;\nold = 1\n",
                head + "changed\nPW;\nold = 2\n");
    BOOST_TEST(!holds(diff, "Winter2026!"), first << diff);
    BOOST_TEST(holds(diff, "-old = 1\n"), first << diff);
  }
}

// `SECRET_KEY = (` was hidden behind its =, and the value below was shown.
BOOST_AUTO_TEST_CASE(a_diff_hides_a_value_on_the_lines_after_its_name) {
  const std::vector<std::pair<std::string, std::string>> values = {
      {"SECRET_KEY = (\n", "\n)\n"},
      {"SECRET_KEY = (  # of ours\n", "\n)\n"},
      {"SECRET_KEY = get(\n  'x',\n", "\n)\n"},
      {"KEY = (\n", "\n)\n"},
      {"SECRET_KEY = \"\"\"\n", "\n\"\"\"\n"},
      {"password: |\n", "\nnext: 1\n"},
      {"password:\n", "\nnext: 1\n"},
      {"PSK=$(cat <<'END'\n", "\nEND\n)\n"}};
  for (const auto& [before, after] : values) {
    for (const char* more : {"", "a\nb\nc\nd\ne\nf\ng\n"}) {
      const std::string head =
          more + before + "  one\n  two\n  three\n  four\n";
      const std::string end = after + "DEBUG = 1\nREST = 2\n";
      const std::string diff =
          diff_of(true, head + "  Winter2026!" + end + "old = 1\n",
                  head + "  changed" + end + "old = 2\n");
      BOOST_TEST(!holds(diff, "Winter2026!"), before << diff);
      BOOST_TEST(holds(diff, "-old = 1\n"), before << diff);
    }
  }
  std::string diff = diff_of(
      true, "secret_key = \\\n  Winter \\\n  2026!\nx = 1\n", "y\n");
  BOOST_TEST(!holds(diff, "Winter"));
  BOOST_TEST(!holds(diff, "2026!"));
  BOOST_TEST(holds(diff, "-x = 1\n"));
  // It is over: what follows is shown.
  diff = diff_of(
      true, "PASSWORD = 'a('\nDEBUG = 1\nKEYS_SALT = 'x'\nx = 1\n", "y\n");
  BOOST_TEST(holds(diff, "-DEBUG = 1\n"));
  BOOST_TEST(holds(diff, "-x = 1\n"));
}

// The lines of a former value were shown after its first one.
BOOST_AUTO_TEST_CASE(a_diff_hides_every_line_of_a_former_value) {
  for (const char* value : {
           // Of one secret over several lines, as x-shell writes it.
           "PSK='first\nWinter\n2026!'\n", "PSK=\"first\nWinter\n2026!\"\n",
           "PSK='fi'\\''rst\nWin'\\''ter\n2026!'\n",
           "export DB_PASS='a\\\nWinter\n\n2026!'\n",
           "PSK='it'\"'\"'s\nWinter # x\n2026!' # y\n",
           "KEY = '''first\nWinter\n2026!'''\n",
           "PASSWORD = '''a''' '''\nWinter\n2026!'''\n",
           "token = `first\nWinter\n2026!`\n",
           // Of brackets, whatever is last on the line.
           "SECRET_KEY = ('first'\n'Winter'\n'2026!')\n",
           "TOKENS = [  # not these :)\n'Winter',  # it's (old)\n'2026!',\n]\n",
           "SECRET = f(')', (\n'Winter',\n'2026!'))\n",
           "\"tokens\": [\"abc\",\n\"Winter\", \"2026!\"],\n",
           // Of an operator, an indentation, a list and an element.
           "token = 'first' +\n'Winter' .\n'2026!';\n",
           "token = 'first'\n  + 'Winter'\n  + '2026!';\n",
           "password = first\n  Winter\n\t2026!\n",
           "passwords:\n- Winter\n- 2026!\n",
           "password: \"first\n  Winter\n  2026!\"\n",
           "\"password\":\n\"Winter2026!\"\n",
           "<password>\nWinter\n2026!\n</password>\n",
           "<password>first\nWinter2026!</password>\n"}) {
    const std::string diff =
        diff_of(true, value + std::string("DEBUG = 1\nREST = 2\n"), "y\n");
    BOOST_TEST(!holds(diff, "Winter"), diff);
    BOOST_TEST(!holds(diff, "2026!"), diff);
    BOOST_TEST(holds(diff, "-DEBUG = 1\n-REST = 2\n"), diff);
  }
  // In a shell it is open, elsewhere it is not.
  BOOST_TEST(!holds(diff_of(true, "PSK='a\\'\\''b\nWinter\n2026!'\n", "y\n"),
                    "Winter"));
  // An apostrophe in prose, a quote in a quote: closed where they are.
  for (const char* line :
       {"# The password isn't here; the hosts' keys are\n", "KEY = 'it\\'s'\n",
        "KEY = \"it's [\"\n", "KEYS = ['it\\'s', \"(\"]\n",
        "PSK='it'\\''s'\n", "u = 'https://bob:x#y@db/'  # token's\n"}) {
    BOOST_TEST(holds(diff_of(true, std::string(line) + "DEBUG = 1\n", "y\n"),
                     "-DEBUG = 1\n"),
               line);
  }
}

// A line of fewer than six characters is not hidden by its value.
BOOST_AUTO_TEST_CASE(a_diff_hides_short_lines_of_a_secret_by_their_place) {
  const Mask known(Secrets{{"a", "ab1\nfirst-line\ncd2\n\nef3"}});
  const std::string around = std::string("ab1\nKEY='") + kPlaceholder +
                             "' # x\nPAIR=" + kPlaceholder + "," +
                             kPlaceholder + "\nab1\n";
  const GuestMask mask(known, around);
  const std::string rendered =
      "ab1\nKEY='ab1\nfirst-line\ncd2\n\nef3' # x\n"
      "PAIR='ab1\nfirst-line\ncd2\n\nef3','gh4'\nab1\n";
  Link link = Link::inherited();
  const auto diff = [&](bool there, const std::string& old) {
    return *shown_diff("etc/x", there, old, rendered, mask, link,
                       Deadline::in_s(20));
  };
  BOOST_TEST(diff(false, "") ==
             "--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1,12 @@\n+ab1\n"
             "+KEY='*****\n+*****\n+*****\n+\n+*****' # x\n"
             "+PAIR=*****\n+*****\n+*****\n+\n+*****,'gh4'\n+ab1\n");
  // What is the same on both sides, in the last of several hunks.
  const std::string same = diff(
      true, "old\nKEY='ab1\nfirst-line\ncd2\n\nef3' # x\n"
            "PAIR='ab1\nfirst-line\ncd2\n\nef3','gh5'\nab1\n");
  BOOST_TEST(holds(same, "-old\n+ab1\n KEY='*****\n *****\n *****\n"), same);
  BOOST_TEST(!holds(same, "cd2"), same);
  BOOST_TEST(holds(same, "\n ab1\n"), same);
  // No file of the template: nothing is known of its places.
  BOOST_TEST(mask.by_place("ab1\n") == "ab1\n");
  BOOST_TEST(mask.by_place("") == "");
}

BOOST_AUTO_TEST_CASE(a_diff_of_a_new_file_is_against_nothing) {
  const std::string diff = diff_of(false, "", "one\n\ttwo\n");
  BOOST_TEST(diff ==
             "--- /dev/null\n+++ b/etc/x\n@@ -0,0 +1,2 @@\n+one\n+\ttwo\n");
  BOOST_TEST(diff_of(true, "same\n", "same\n") == "");
  BOOST_TEST(diff_of(false, "", "") == "");
}

// A guest's file that fakes a diff's own lines, or moves a terminal's cursor,
// does neither.
BOOST_AUTO_TEST_CASE(no_line_of_a_hostile_file_escapes_its_place) {
  const std::string diff =
      diff_of(true, "\x1b[2Jx\n--- a\n\xff\r\n\\ No\n", "y\n");
  BOOST_TEST(holds(diff, "-\\x1b[2Jx\n---- a\n-\\xff\\x0d\n-\\ No\n+y\n"));
}

BOOST_AUTO_TEST_CASE(a_text_is_shown_line_by_line_without_its_secrets) {
  const Mask known(Secrets{{"a", "hunter2"}});
  const GuestMask mask(known, "");
  BOOST_TEST(*shown_text("x\thunter2\n\x07\n", mask) == "x\t*****\n\\x07\n");
  BOOST_TEST(*shown_text("", mask) == "");
  BOOST_TEST(*shown_text("no end", mask) == "no end");
  BOOST_TEST(!shown_text(std::string(kLongestShown + 1, 'x'), mask));
}

// "a" cannot be hidden by its value: where it is rendered it is by its place.
BOOST_AUTO_TEST_CASE(a_secret_too_short_to_be_hidden_is_hidden_in_a_preview) {
  const Mask known(Secrets{{"a", "a"}});
  const GuestMask mask(known,
                       std::string("alas\nKEY = '") + kPlaceholder + "'");
  BOOST_TEST(*shown_text("alas\nKEY = 'a'", mask) == "alas\nKEY = *****");
  Link link = Link::inherited();
  const std::string diff =
      *shown_diff("etc/x", true, "alas\nKEY = 'b'\n", "alas\nKEY = 'a'\n",
                  mask, link, Deadline::in_s(20));
  BOOST_TEST(holds(diff, " alas\n-KEY = *****\n+KEY = *****\n"));
}

// A PEM by itself: what stands on its line now is hidden, whatever it is.
BOOST_AUTO_TEST_CASE(a_secret_at_a_lines_beginning_hides_its_line_alone) {
  const Mask known(Secrets{{"pem", "-----BEGIN abcdef"}});
  const GuestMask mask(known, std::string("# key\n  ") + kPlaceholder +
                                  "\nport = 1\n");
  BOOST_TEST(mask("  an older one") == "  *****");
  BOOST_TEST(mask("# key") == "# key");
  BOOST_TEST(mask(" port = 1") == " port = 1");
  BOOST_TEST(mask("") == "");
}

BOOST_AUTO_TEST_CASE(a_preview_is_read_as_it_was_written_and_has_a_cap) {
  const TemporaryDir folder;
  const Dir dir(folder.path());
  Preview preview;
  preview.job = 7;
  preview.server = "qa1";
  preview.pending = 6;
  for (int i = 0; i < 12; ++i) {
    PreviewFile file;
    file.path = "etc/" + std::to_string(i);
    file.state = "changed";
    file.text = std::string(kLongestShown, 'x');
    file.diff = "-a\n+b\n";
    preview.files.push_back(file);
  }
  BOOST_TEST(!read_preview(dir, 7).has_value());
  write_preview(dir, preview);
  const auto found = read_preview(dir, 7);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->at("pending").as_int64() == 6);
  const auto& files = found->at("files").as_array();
  BOOST_REQUIRE(files.size() == 12);
  std::size_t texts = 0;
  for (const auto& file : files) {
    BOOST_TEST(file.at("diff").as_string() == "-a\n+b\n");
    texts += file.at("text").is_string();
    BOOST_TEST(file.at("text").is_string() == file.at("left_out").is_null());
  }
  BOOST_TEST(texts == 7);  // 2 MiB of 256 KiB each, and the diffs before
}

BOOST_AUTO_TEST_SUITE_END()
