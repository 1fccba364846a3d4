// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/mask.hpp"

#include <boost/test/unit_test.hpp>

#include "base/base64.hpp"
#include "base/child.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "step/decoded.hpp"
#include "step/patterns.hpp"
#include "temporary_dir.hpp"

namespace berth {
namespace {

const std::string kAwkward = "p&s 'w\\ö/\"9<%+";

// What a private key looks like: 20 lines of 64.
std::string pem() {
  std::string out = "-----BEGIN PRIVATE KEY-----\n";
  std::uint32_t state = 7;
  for (int line = 0; line < 20; ++line) {
    for (int i = 0; i < 64; ++i) {
      state = state * 1664525 + 1013904223;
      out += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[state >> 27];
    }
    out += '\n';
  }
  return out + "-----END PRIVATE KEY-----";
}

std::string masked(const std::string& text) {
  return Mask({{"key", kAwkward}}, "shop")(text);
}

// What a program prints.
std::string printed_by(const std::vector<std::string>& command) {
  const RunResult result = run(command, 20000);
  BOOST_REQUIRE_MESSAGE(result.status.ok(), result.err);
  std::string out = result.out;
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

// An expression of kAwkward, s as text and b as bytes.
std::string python(const std::string& expression) {
  return printed_by(
      {"/usr/bin/python3", "-X", "utf8", "-c",
       "import base64, html, json, quopri, shlex, sys\n"
       "from urllib.parse import quote, quote_plus\n"
       "s = sys.argv[1]\nb = s.encode()\nprint(" + expression + ")",
       kAwkward});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mask)

BOOST_AUTO_TEST_CASE(no_secret_is_shown_in_any_form) {
  const Mask mask({{"a", "hunter2"},
                   {"b", "it's me"},
                   {"c", "line-1\n line 2"},
                   {"d", "hunter2-longer"},
                   {"e", ""}},
                  "shop");
  BOOST_TEST(mask("x hunter2 y hunter2-longer") == "x ***** y *****");
  BOOST_TEST(mask("PASSWORD = 'it\\'s me'") == "PASSWORD = '*****'");
  BOOST_TEST(mask("'it'\\''s me'") == "'*****'");
  BOOST_TEST(mask("a line-1 b") == "a ***** b");
  BOOST_TEST(mask("line 2") == "*****");
  BOOST_TEST(mask("nothing") == "nothing");
  BOOST_TEST(mask("") == "");
  BOOST_TEST(Mask()("hunter2") == "hunter2");
}

// By the libraries that people use.
BOOST_AUTO_TEST_CASE(every_common_encoding_is_hidden) {
  for (const char* expression :
       {"s", "quote(s)", "quote(s, safe='')", "quote_plus(s)",
        "''.join('%%%02x' % c for c in b)", "''.join('%%%02X' % c for c in b)",
        "json.dumps(s)[1:-1]", "json.dumps(s, ensure_ascii=False)[1:-1]",
        R"(json.dumps(s)[1:-1].replace('/', '\\/'))",
        R"(''.join('\\u%04X' % ord(c) for c in s))",
        R"(''.join('\\x%02x' % c for c in b))",
        R"(''.join('\\%03o' % c for c in b))", "repr(s)[1:-1]",
        "ascii(s)[1:-1]", "repr(b)[2:-1]", "html.escape(s)",
        "s.replace('&', '&amp;').replace('ö', '&ouml;')",
        "''.join('&#%d;' % ord(c) for c in s)",
        "''.join('&#x%x;' % ord(c) for c in s)", "shlex.quote(s)[1:-1]",
        R"(s.replace("'", "''"))", R"(s.replace('"', '""'))", "b.hex()",
        "b.hex().upper()", "b.hex(':')", "b.hex(' ', 2)",
        "b.hex('-').upper()", "', '.join('0x%02x' % c for c in b)[2:]",
        "' '.join('0X%02X' % c for c in b)[2:]",
        "quote(quote(s, safe=''))",
        "json.dumps(json.dumps(s))[3:-3]", "quote(html.escape(s))",
        "quopri.encodestring(b, True).decode()",
        "'=' + '='.join('%02X' % c for c in b)"}) {
    const std::string text = python(expression);
    BOOST_TEST(masked("<< " + text + " >>") == "<< ***** >>",
               expression << ": " << text);
  }
  for (const auto& text : {quote_python(kAwkward), quote_shell(kAwkward),
                           quote_apache(kAwkward)}) {
    BOOST_TEST(masked(text) ==
               text.front() + std::string("*****") + text.back());
  }
  const std::string words = printed_by(
      {"/bin/bash", "-c", "LC_ALL=C.UTF-8; printf %q \"$1\"", "bash",
       kAwkward});
  BOOST_TEST(masked(words) == "*****", words);
}

BOOST_AUTO_TEST_CASE(base64_is_hidden_wherever_the_secret_begins_in_it) {
  for (const char* before : {"''", "'a'", "'ab'", "'user:'", "'abcd'"}) {
    for (const char* encode : {"b64encode", "urlsafe_b64encode"}) {
      const std::string text =
          python("base64." + std::string(encode) + "((" + before +
                 " + s + 'xyz').encode()).decode()");
      const std::string out = masked("Basic " + text);
      BOOST_TEST(out.find("*****") != std::string::npos, text);
      // All digits but those that hold something of what is around it.
      BOOST_TEST(out.size() < 6 + 5 + 18u, text << " -> " << out);
    }
  }
}

// A .dockerconfigjson of Kubernetes has base64 in base64.
BOOST_AUTO_TEST_CASE(what_is_encoded_twice_is_hidden) {
  for (const char* inner :
       {"b", "b + b'\\n'", "b'user:' + b", "b'a' + b", "b'ab' + b"}) {
    for (const char* outer :
         {"base64.b64encode(base64.b64encode(%)).decode()",
          "base64.b64encode(b'{\"auth\": \"' + base64.b64encode(%) + "
          "b'\"}').decode()",
          "base64.b64encode(b'a' + base64.encodebytes(%)).decode()",
          "base64.b64encode((%).hex().encode()).decode()",
          "base64.b64encode((%).hex().upper().encode()).decode()",
          "base64.urlsafe_b64encode(base64.urlsafe_b64encode(%)).decode()",
          "base64.b64encode(json.dumps((%).decode()).encode()).decode()",
          "base64.b64encode(%).hex()", "base64.b64encode(%).hex(':').upper()",
          "base64.encodebytes(base64.b64encode(% + b)).decode()[:-1]"}) {
      std::string expression = outer;
      expression.replace(expression.find('%'), 1, inner);
      const std::string text = python(expression);
      const std::string out = masked("x=" + text + ";");
      // What remains are digits of what is around the value.
      BOOST_TEST(out.find("*****") != std::string::npos, expression << text);
      BOOST_TEST(out.size() < 46u, expression << ": " << out);
      // Wherever it begins in what is encoded, or in the text.
      BOOST_TEST(masked("AB" + text).find("*****") != std::string::npos);
    }
  }
  // Words and paths are no base64 of a secret.
  for (const char* text :
       {"/usr/share/doc/postgresql-common/README.Debian and more",
        "0123456789abcdef0123456789abcdef01234567 refs/heads/trunk"}) {
    BOOST_TEST(masked(text) == text);
  }
}

// A .env with a DATABASE_URL, or a page, in base64, as Kubernetes keeps one.
BOOST_AUTO_TEST_CASE(what_is_escaped_and_then_encoded_is_hidden) {
  for (const char* inner :
       {"quote(s)", "quote_plus(s, safe='')",
        "''.join('%%%02x' % c for c in b)", "html.escape(s)",
        "''.join('&#%d;' % ord(c) for c in s)", "shlex.quote(s)",
        R"(s.replace("'", "''"))", R"(s.replace('"', '""'))", "json.dumps(s)",
        R"(''.join('\\u%04x' % ord(c) for c in s))",
        "''.join('=%02X' % c for c in b)"}) {
    for (const char* before : {"", "x", "xy"}) {
      for (const char* outer :
           {"base64.b64encode(%).decode()",
            "base64.urlsafe_b64encode(%).decode()",
            "base64.encodebytes(%).decode()[:-1]", "(%).hex()",
            "(%).hex(':').upper()"}) {
        std::string expression = outer;
        expression.replace(expression.find('%'), 1,
                           "('" + std::string(before) + "<' + " + inner +
                               " + '>').encode()");
        const std::string text = python(expression);
        const std::string out = masked("x=" + text + ";");
        // What remains are digits of what is around the value.
        BOOST_TEST(out.find("*****") != std::string::npos, expression << text);
        BOOST_TEST(out.size() < 30u, expression << ": " << out);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_around_a_value_in_its_file_does_not_show_it) {
  for (const char* file : {"hunter2-x\r", "hunter2-x \t", "  hunter2-x",
                           "\xef\xbb\xbfhunter2-x\r", "hunter2-x\n\n",
                           "hunter2-x\r\nsecond-line\r"}) {
    const Mask mask({{"key", file}}, "shop");
    BOOST_TEST(mask("pw=hunter2-x;") == "pw=*****;", file);
    BOOST_TEST(mask.hides_all());
  }
  const Mask lines({{"key", "hunter2-x\r\nsecond-line\r"}}, "shop");
  BOOST_TEST(lines("(second-line)") == "(*****)");
  BOOST_TEST(Mask({{"key", "p&s \r"}}, "shop")("p&s \r") == "p&s \r");
}

// Every encoding, cut by somebody else after each of its characters and before
// each. What holds six characters of the secret must not be shown.
// A cut in the middle of a character leaves bytes that whoever reads them
// replaces, and the edge was behind those.
BOOST_AUTO_TEST_CASE(half_a_character_at_a_cut_belongs_to_the_piece) {
  const Mask mask({{"key", "p\xc3\xa4ssw\xc3\xb6rterbuchXY"}}, "shop");
  for (const std::string lost :
       {"?", "??", "???", "\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"}) {
    for (const char* edge : {"", "...", "\nnext"}) {
      BOOST_TEST(mask("key=p\xc3\xa4ssw" + lost + edge) ==
                 std::string("key=*****") + edge);
    }
    for (const std::string edge : {"", "...", "line\n"}) {
      BOOST_TEST(mask(edge + lost + "ssw\xc3\xb6rterbuchXY = key") ==
                 edge + "***** = key");
      BOOST_TEST(mask(edge + lost + "rterbuchXY = key") ==
                 edge + "***** = key");
    }
  }
  BOOST_TEST(mask("key=p\xc3\xa4ssw\xc3") == "key=*****");
  BOOST_TEST(mask("\xb6rterbuchXY = key") == "***** = key");
  // Five characters, and a question mark that is none of a piece.
  BOOST_TEST(mask("key=p\xc3\xa4ssw") == "key=p\xc3\xa4ssw");
  BOOST_TEST(mask("is it there?") == "is it there?");
}

// An old and a new token in one file, the old one a secret by itself.
BOOST_AUTO_TEST_CASE(a_piece_between_whole_secrets_is_hidden) {
  const Mask mask(Secrets{{"old", "Hunter2xx"},
                          {"both", "Hunter2xx-K9xTrw8-Hunter2xx-tail77"},
                          {"end", "head99-Hunter2xx-K9xTrw8-Hunter2xx"}});
  BOOST_TEST(mask("value: Hunter2xx-K9xTrw8-Hunter2xx...") ==
             "value: *****...");
  BOOST_TEST(mask("...Hunter2xx-K9xTrw8-Hunter2xx is wrong") ==
             "...***** is wrong");
  BOOST_TEST(mask("Hunter2xx Hunter2xx...") == "***** *****...");
}

BOOST_AUTO_TEST_CASE(a_piece_of_a_secret_at_a_cut_is_hidden) {
  const std::string secret = "kZ7&q'w\\\xc3\xb6/\"9<%+tail0Xyz";
  const Mask mask({{"key", secret}}, "shop");
  const std::vector<std::pair<const char*, std::size_t>> kForms = {
      {"s", 1}, {"quote(s, safe='')", 3},
      {"''.join('%%%02X' % c for c in b)", 3}, {"json.dumps(s)[1:-1]", 6},
      {R"(''.join('\\u%04x' % ord(c) for c in s))", 6},
      {R"(''.join('\\x%02x' % c for c in b))", 4}, {"ascii(s)[1:-1]", 4},
      {"html.escape(s)", 6}, {"''.join('&#%d;' % ord(c) for c in s)", 6},
      {"shlex.quote(s)[1:-1]", 5}, {R"(s.replace("'", "''"))", 2},
      {"''.join('=%02X' % c for c in b)", 3},
      {"b.hex()", 2}, {"b.hex().upper()", 2},
      {"base64.b64encode(b).decode()", 2},
      {"json.dumps(json.dumps(s))[3:-3]", 8},
      {"quote(html.escape(s), safe='')", 12}};
  for (const auto& [form, widest] : kForms) {
    const std::string text = printed_by(
        {"/usr/bin/python3", "-X", "utf8", "-c",
         "import base64, html, json, shlex, sys\n"
         "from urllib.parse import quote\n"
         "s = sys.argv[1]\nb = s.encode()\nprint(" + std::string(form) + ")",
         secret});
    // Seven characters of the secret, however many each of them takes.
    const std::size_t shown = 7 * widest;
    for (std::size_t at = 1; at < text.size(); ++at) {
      for (const char* mark : {"", "...", "\xe2\x80\xa6 and more", "\nnext"}) {
        const std::string out = mask("key=" + text.substr(0, at) + mark);
        BOOST_TEST((out == "key=*****" + std::string(mark) || at < shown),
                   form << " cut at " << at << ": " << out);
      }
      for (const char* mark : {"", "so ...", "line\n"}) {
        const std::string out = mask(mark + text.substr(at) + "; then");
        BOOST_TEST((out == std::string(mark) + "*****; then" ||
                    text.size() - at < shown),
                   form << " cut before " << at << ": " << out);
      }
    }
  }
}

// The escape that was cut was the only one, so that no reading of the rest had
// any, and all that followed it was shown.
BOOST_AUTO_TEST_CASE(the_rest_of_the_only_escape_belongs_to_the_piece) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> escapes =
      {{"\xc3\xa4", {"%C3%A4", "\\u00e4", "\\xe4", "\\xc3\\xa4", "&auml;",
                     "&#228;", "&#xe4;", "=C3=A4", "\\303\\244",
                     "\\U000000e4", "%5Cu00e4", "\\\\u00e4", "&amp;auml;"}},
       {"\xf0\x9f\x98\x80", {"\\ud83d\\ude00", "\\\\ud83d\\\\ude00"}},
       {"'", {"'\\''", "'\"'\"'", "''", "\\'", "&#39;", "&apos;"}},
       {"\t", {"\\t", "%5Ct", "%09", "&#9;", "\\011"}},
       {"\"", {"\\\"", "\\\\\\\"", "\"\"", "&quot;"}}};
  for (const auto& [character, forms] : escapes) {
    const Mask mask(Secrets{{"key", "Kz7Rq2Wp9X" + character + "tZ5bN3cL8d"}});
    for (const std::string& form : forms) {
      for (std::size_t at = 0; at <= form.size(); ++at) {
        for (const std::string mark : {"", "...", "\xe2\x80\xa6", "line\n"}) {
          const std::string rest = form.substr(at) + "tZ5bN3cL8d = y";
          BOOST_TEST(mask(mark + rest) == mark + "***** = y", rest);
        }
        for (const char* mark : {"", "...", "\nnext"}) {
          const std::string rest = "x=Kz7Rq2Wp9X" + form.substr(0, at);
          BOOST_TEST(mask(rest + mark) == std::string("x=*****") + mark, rest);
        }
      }
    }
  }
  // A word that ends as the secret does is none, wherever a line begins.
  const Mask mask(Secrets{{"key", "Kz7Rq2-duction"}});
  BOOST_TEST(mask("production is shown") == "production is shown");
}

// Both kinds of quotes were read as one where only one is doubled.
BOOST_AUTO_TEST_CASE(a_secret_with_doubled_quotes_is_hidden_in_sql_and_csv) {
  for (const std::string secret :
       {"Kz7R'q2Wp\"\"9X", "Kz7R\"q2Wp''9X", "''Kz7R\"\"q2'Wp\"9X"}) {
    const Mask mask(Secrets{{"key", secret}});
    for (const char quote : {'\'', '"'}) {
      std::string text;
      for (const char c : secret) text += std::string(c == quote ? 2 : 1, c);
      BOOST_TEST(mask("<" + text + ">") == "<*****>", text);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_piece_is_hidden_only_at_a_cut_and_if_it_is_no_word) {
  const Mask mask({{"a", "postgresql://shop:hunter2@db/shop"},
                   {"b", "bcdfghjklmnp"}}, "webshop");
  BOOST_TEST(mask("bcdfgh and jklmnp are shown") ==
             "bcdfgh and jklmnp are shown");
  BOOST_TEST(mask("cannot start postgresql") == "cannot start postgresql");
  BOOST_TEST(mask("at postgresql://s") == "at *****");
  BOOST_TEST(mask("bcdfg") == "bcdfg");
  BOOST_TEST(mask("say bcdfgh") == "say *****");
  BOOST_TEST(mask("klmnp it") == "klmnp it");
  BOOST_TEST(mask("jklmnp it") == "***** it");
}

// By what was hidden and what was not, a secret could be asked out of a path
// that a tester may choose, one character after the other.
BOOST_AUTO_TEST_CASE(nobody_learns_by_guesses_how_a_secret_goes_on) {
  const std::string secret = "postgres://shop:Zx9qWe7rT@db1/shop";
  const std::string phrase = "correct horse battery staple";
  using Form = std::string (*)(const std::string&);
  const Form forms[] = {
      [](const std::string& text) { return text; },
      [](const std::string& text) {
        std::string out;
        for (const char c : text) out += "%" + to_hex(std::string(1, c));
        return out;
      },
      [](const std::string& text) { return to_hex(text); },
      [](const std::string& text) { return to_hex(text.substr(7)); },
      [](const std::string& text) { return to_base64(text); },
      [](const std::string& text) { return to_base64(text.substr(2)); },
      [](const std::string& text) { return to_base64(to_hex(text)); }};
  // As svn writes it into a URL.
  const Form as_url = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      out += c == '%' ? "%25" : c == ' ' ? "%20" : std::string(1, c);
    }
    return out;
  };
  for (const Form form : forms) {
    for (const std::size_t known : {17u, 18u, 20u}) {
      for (const std::string& guess :
           {secret.substr(0, known), secret.substr(0, known - 1) + "#",
            "#" + secret.substr(secret.size() - known),
            phrase.substr(0, known)}) {
        const std::string name = form(guess);
        for (const std::string& path :
             {"b/" + name, "b/" + name + "...", "b/..." + name,
              name + ".../" + form("x" + guess) + "/..."}) {
          const Mask mask({{"a", secret}, {"b", phrase}}, "shop", {path});
          for (const std::string& text :
               {"find " + path + ": no such path", "ref '" + path + "'",
                "fatal: " + path, path + "\nnext", "> " + as_url(path) + "'",
                "and " + path.substr(0, path.size() - 2) + "...",
                "only " + path.substr(path.rfind('/') + 1)}) {
            BOOST_TEST(mask(text) == text);
          }
        }
      }
    }
  }
  // All of one, and what is not the requester's.
  const Mask mask({{"a", secret}}, "shop", {"b/" + secret, "b/Zx9qWe7rT"});
  BOOST_TEST(mask("find b/" + secret) == "find b/*****");
  BOOST_TEST(mask("url=" + secret.substr(0, 28)) == "url=*****");
  BOOST_TEST(mask("b/Zx9qWe7rT: " + secret.substr(0, 20)) ==
             "b/Zx9qWe7rT: *****");
}

BOOST_AUTO_TEST_CASE(a_line_is_hidden_before_it_is_shortened) {
  const std::string secret = "0123-a-secret-of-some-length";
  const Mask mask({{"key", secret}}, "shop");
  const std::string text = "before " + secret + " after";
  for (std::size_t cap = 1; cap <= text.size(); ++cap) {
    const std::string out = mask.line(text, cap);
    BOOST_TEST(out.find("0123") == std::string::npos, out);
    BOOST_TEST(out == one_line("before ***** after", cap));
  }
}

BOOST_AUTO_TEST_CASE(a_long_secret_is_hidden_line_by_line) {
  const std::string key = pem();
  const Mask mask({{"key", key}}, "shop");
  for (const std::string& line : split(key, '\n')) {
    BOOST_TEST(mask("> " + line) == "> *****");
  }
  BOOST_TEST(mask("a\n" + key + "\nb") == "a\n*****\nb");
  BOOST_TEST(mask(quote_python(key)) == "'*****'");
  // As base64 and xxd break it, each line a line of a log.
  const std::string sixes = to_base64("x" + key), digits = to_hex(key);
  for (std::size_t i = 4; i + 76 < sixes.size(); i += 76) {
    BOOST_TEST(mask(sixes.substr(i, 76)) == "*****");
  }
  for (std::size_t i = 0; i + 60 < digits.size(); i += 60) {
    BOOST_TEST(mask(digits.substr(i, 60)) == "*****");
  }
}

// "a" would make garbage of every log, and say what it is.
BOOST_AUTO_TEST_CASE(what_cannot_be_hidden_leaves_the_text_alone) {
  const std::string text =
      "a shop's Default password: ------ changeme 12345 äöüäö";
  for (const char* weak : {"a", "shop", "Shop", "default", "password",
                           "------", "changeme", "12345", "äöüäö"}) {
    const Mask mask({{"key", weak}}, "shop");
    BOOST_TEST(mask(text) == text);
    BOOST_TEST(!mask.hides_all());
  }
  // Nor does a short line of a long one.
  const Mask mask({{"key", "{\n  \"key\": \"s3cr3t!\"\n}"}}, "shop");
  BOOST_TEST(mask.hides_all());
  BOOST_TEST(mask("{ } \"key\": \"s3cr3t!\"") == "{ } *****");
}

BOOST_AUTO_TEST_CASE(the_longest_pattern_that_ends_at_a_byte_is_found) {
  Patterns patterns;
  for (std::size_t i = 1; i <= 200; ++i) {
    patterns.add(std::string(i, 'a') + "b");
  }
  patterns.add("ab");
  patterns.add("");
  patterns.build();
  const auto longest = [&](const std::string& text) {
    std::size_t out = 0;
    patterns.find(text, [&](std::size_t begin, std::size_t end) {
      BOOST_TEST(end == text.find('b') + 1);
      out = std::max(out, end - begin);
    });
    return out;
  };
  BOOST_TEST(longest(std::string(100000, 'a')) == 0u);
  BOOST_TEST(longest(std::string(500, 'a') + "b") == 201u);
  BOOST_TEST(longest("xaabx") == 3u);
}

// Patterns that share beginnings, ends and middles, against a plain search.
BOOST_AUTO_TEST_CASE(overlapping_patterns_are_all_found) {
  const std::vector<std::string> all = {"abcab", "bca", "cabd", "abab", "aa"};
  Patterns patterns;
  for (const auto& pattern : all) patterns.add(pattern);
  patterns.build();
  std::uint32_t state = 1;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
      state = state * 1664525 + 1013904223;
      text += "abcd"[state >> 30];
    }
    std::string wanted(text.size(), '.'), found = wanted;
    for (const auto& pattern : all) {
      for (std::size_t at = text.find(pattern); at != std::string::npos;
           at = text.find(pattern, at + 1)) {
        wanted.replace(at, pattern.size(), pattern.size(), '#');
      }
    }
    patterns.find(text, [&](std::size_t begin, std::size_t end) {
      found.replace(begin, end - begin, end - begin, '#');
    });
    BOOST_TEST(found == wanted, text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_escape_stays) {
  for (const char* text :
       {"%", "%4", "%zz", "\\", "\\u12", "\\ud83d", "\\ud83d\\u0041",
        "\\U0011ffff", "\\x1", "&", "&;", "&#;", "&#x;", "&#xd800;",
        "&#99999999999;", "&nothing;", "'\\'", "\xff\xfe"}) {
    const Decoded plain = as_it_is(text);
    for (const Unescape reader : kEscapes) {
      const auto out = unescaped(plain, reader);
      if (!out) continue;
      BOOST_TEST(out->from.size() == out->bytes.size());
      BOOST_TEST(out->to.size() == out->bytes.size());
    }
    BOOST_TEST(masked(text) == text);
  }
}

BOOST_AUTO_TEST_CASE(a_line_is_one_line_and_printable) {
  BOOST_TEST(one_line("a\nb\x1b[31m\x7f") == "a\\x0ab\\x1b[31m\\x7f");
  BOOST_TEST(one_line("Jörg\tx") == "Jörg x");
  BOOST_TEST(one_line("\xC2\x85") == "\\xc2\\x85");
  BOOST_TEST(one_line("\xff") == "\\xff");
  BOOST_TEST(one_line("abcdef", 3) == "abc...");
}

BOOST_AUTO_TEST_CASE(secrets_are_files_without_their_last_newline) {
  TemporaryDir etc;
  BOOST_TEST(read_secrets(etc.path(), "shop").empty());
  etc.put("secrets/shop/key", "k1\n");
  etc.put("secrets/shop/.hidden", "no");
  const Secrets found = read_secrets(etc.path(), "shop");
  BOOST_TEST(found.size() == 1u);
  BOOST_TEST(found.at("key") == "k1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth
