// SPDX-License-Identifier: GPL-2.0-or-later
// The statements of a file are those that psql sends: psql itself reads each
// file, and a server that does nothing but listen keeps what arrives. The files
// are tests/fuzz/corpus/sql and ten thousand that are made of its worst pieces,
// always the same ones. Run from the top of the tree.
#include <sys/socket.h>
#include <sys/un.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "base/child.hpp"
#include "base/error.hpp"
#include "temporary_dir.hpp"
#include "worker/cluster/statement.hpp"

namespace berth::worker {
namespace {

// As much of PostgreSQL's protocol as psql needs to send its queries.
class ListeningServer {
 public:
  explicit ListeningServer(const TemporaryDir& dir) {
    socket_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir / ".s.PGSQL.5432";
    std::copy(path.begin(), path.end(), address.sun_path);
    BOOST_REQUIRE(::bind(socket_.get(),
                         reinterpret_cast<const sockaddr*>(&address),
                         sizeof address) == 0);
    BOOST_REQUIRE(::listen(socket_.get(), 1) == 0);
  }

  // All queries of one connection.
  std::vector<std::string> queries() {
    std::vector<std::string> out;
    peer_ = Fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    BOOST_REQUIRE(static_cast<bool>(peer_));
    take(length());  // whose, and which database
    say('R', std::string(4, '\0'));
    for (const char* pair : {"server_version=15.0", "client_encoding=UTF8",
                             "standard_conforming_strings=on"}) {
      std::string text(pair);
      *std::find(text.begin(), text.end(), '=') = '\0';
      say('S', text + '\0');
    }
    say('Z', "I");
    for (;;) {
      const char kind = take(1).front();
      std::string text = take(length());
      if (kind == 'X') return out;
      BOOST_REQUIRE(kind == 'Q');
      text.pop_back();  // its NUL
      out.push_back(text);
      say('C', std::string("OK") + '\0');
      say('Z', "I");
    }
  }

 private:
  std::string take(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t have = 0; have < size;) {
      const ssize_t n = ::read(peer_.get(), out.data() + have, size - have);
      BOOST_REQUIRE(n > 0);
      have += static_cast<std::size_t>(n);
    }
    return out;
  }
  // Four bytes that count themselves; what comes after them.
  std::size_t length() {
    std::size_t out = 0;
    for (const char c : take(4)) out = out << 8 | static_cast<unsigned char>(c);
    return out - 4;
  }
  void say(char kind, const std::string& text) {
    const std::size_t size = text.size() + 4;
    std::string out{kind, 0, 0, static_cast<char>(size >> 8),
                    static_cast<char>(size & 0xff)};
    write_all(peer_.get(), out + text, "psql");
  }

  Fd socket_, peer_;
};

// psql sends the semicolon as well, and leaves out what is before a statement,
// and empty lines in it.
std::string comparable(std::string_view text) {
  static constexpr std::string_view kBlanks = " \t\n\r\f\v";
  for (;;) {
    const std::size_t at = text.find_first_not_of(kBlanks);
    if (at == text.npos) return "";
    text.remove_prefix(at);
    if (text.starts_with("--")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("/*")) {
      int open = 0;
      std::size_t i = 0;
      do {
        const std::string_view two = text.substr(i, 2);
        open += two == "/*" ? 1 : two == "*/" ? -1 : 0;
        i += two == "/*" || two == "*/" ? 2 : 1;
      } while (open > 0 && i < text.size());
      text.remove_prefix(std::min(i, text.size()));
    } else {
      break;
    }
  }
  std::string out(text);
  std::erase_if(out, [](char c) { return c == '\n' || c == '\r'; });
  while (!out.empty() && (out.back() == ';' ||
                          kBlanks.find(out.back()) != kBlanks.npos)) {
    out.pop_back();
  }
  return out;
}

constexpr std::string_view kNext = "SELECT 'the next file';";

// What psql sends of each text.
std::vector<std::vector<std::string>> as_psql(
    const std::vector<std::string>& texts) {
  const TemporaryDir dir;
  std::string script;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string name = std::to_string(i) + ".sql";
    dir.put(name, texts[i]);
    script += "\\i " + (dir / name) + "\n" + std::string(kNext) + ";\n";
  }
  dir.put("all", script);
  ListeningServer server(dir);
  const Fd quiet(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ChildOptions options;
  options.stdout_fd = options.stderr_fd = quiet.get();
  options.environment = {"PATH=/usr/bin:/bin", "PGCLIENTENCODING=UTF8",
                         "HOME=" + dir.path()};
  Child psql = Child::start({"psql", "-X", "-q", "-h", dir.path(), "-U", "x",
                             "-d", "x", "-f", dir / "all"},
                            options);
  std::vector<std::vector<std::string>> out(1);
  for (const std::string& query : server.queries()) {
    if (query == kNext) {
      out.emplace_back();
    } else if (const auto text = comparable(query); !text.empty()) {
      out.back().push_back(text);
    }
  }
  out.pop_back();
  BOOST_REQUIRE(psql.wait(60'000).has_value());
  BOOST_REQUIRE_EQUAL(out.size(), texts.size());
  return out;
}

std::vector<std::string> as_berth(const std::string& text) {
  std::vector<std::string> out;
  for (const Statement& s : split_statements(text, "a.sql")) {
    if (auto one = comparable(s.text); !one.empty()) out.push_back(one);
  }
  return out;
}

// Left out: psql's own commands, which Berth refuses and psql would carry out,
// and psql's own variables, which it would put in.
bool may_be_given_to_psql(const std::string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto next = static_cast<unsigned char>(text[i + 1]);
    const bool in_name = std::isalnum(next) || next == '_' || next >= 0x80;
    if (text[i] == ':' && in_name) return false;
    if (text[i] == '\\' && next != '\'' && next != '"') return false;
  }
  if (text.ends_with('\\') || text.find('\0') != text.npos) return false;
  try {
    split_statements(text, "a.sql");
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::vector<std::string> corpus() {
  std::vector<std::string> out;
  for (const auto& entry :
       std::filesystem::directory_iterator("tests/fuzz/corpus/sql")) {
    std::ifstream in(entry.path(), std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in),
                     std::istreambuf_iterator<char>());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> made_of_pieces(std::size_t count) {
  static const std::array pieces = {
      ";", ";", "; ", "'", "''", "\"", "$$", "$a$", "$b$", "$", "$1", "E'",
      "e'", "U&'", "N'", "B'", "X'", "\\'", "\\\"", "--", "-", "/*", "*/", "/",
      "*", "(", ")", "\n", "\n", "\r\n", " ", " ", "\t", "\f", "\v", "1", "1e",
      "1.5e", "0x1", "a", "a$b", "_x", "ü", "SELECT", "CREATE ", "OR ",
      "REPLACE ", "FUNCTION ", "procedure ", "BEGIN ", "ATOMIC ", "CASE ",
      "END ", "end", ":", "::", ":'", ":\"", "+", "<", "@", "?", "|", "!", "=",
      ".", "..", ",", "[", "{", "}", "]", "%", "#", "`", "~", "&", "^"};
  std::mt19937 random(20261130);  // the same on every machine
  std::vector<std::string> out;
  while (out.size() < count) {
    std::string text;
    for (auto left = 1 + random() % 14; left > 0; --left) {
      text += pieces[random() % pieces.size()];
    }
    if (may_be_given_to_psql(text)) out.push_back(text);
  }
  return out;
}

void compare(const std::vector<std::string>& texts) {
  const auto sent = as_psql(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BOOST_TEST_CONTEXT("[" << texts[i] << "]") {
      BOOST_TEST(as_berth(texts[i]) == sent[i],
                 boost::test_tools::per_element());
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statements_as_psql_sends_them)

BOOST_AUTO_TEST_CASE(of_the_corpus) {
  std::vector<std::string> texts = corpus();
  std::erase_if(texts, [](const auto& t) { return !may_be_given_to_psql(t); });
  BOOST_REQUIRE(texts.size() >= 15u);
  compare(texts);
}

BOOST_AUTO_TEST_CASE(of_the_worst_pieces_in_any_order) {
  compare(made_of_pieces(10'000));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
