// SPDX-License-Identifier: GPL-2.0-or-later
// 200 builds' looks and swaps (in make check-faults) while 20, and 100, clients
// connect, write and come back at once when they are cut: as a pool of
// connections or a web server's workers do. A client that was starting up held
// a lock, and a build was refused for it.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "worker/cluster/swap.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

const bool kAllSwaps = std::getenv("FAULT_EVERY") != nullptr;
constexpr std::int64_t kBack = 5000;  // ms: "within seconds"

// What a client tells, in memory that it shares with the test.
struct Told {
  std::atomic<std::int64_t> written;  // rows 1 to this one were committed
  std::atomic<std::int64_t> cut;      // connections refused, or lost
  std::atomic<std::int64_t> strange;  // neither the one database nor the other
};

bool is_one_value(PGresult* result, const std::string& one,
                  const std::string& other) {
  return PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
         (PQgetvalue(result, 0, 0) == one || PQgetvalue(result, 0, 0) == other);
}

// One connection, two rows: a row counts when its COMMIT was answered.
void visit(const std::string& conninfo, int client, Told& told) {
  PGconn* connection = PQconnectdb(conninfo.c_str());
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  bool well = PQstatus(connection) == CONNECTION_OK;
  for (int turn = 0; well && turn < 2; ++turn) {
    const std::string insert = "INSERT INTO note VALUES (" +
                               std::to_string(client) + ", " +
                               std::to_string(told.written + 1) + ")";
    PGresult* result = PQexec(connection, insert.c_str());
    well = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!well) break;
    ++told.written;
    result = PQexec(connection, "SELECT word FROM word");
    well = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (well && !is_one_value(result, "one", "other")) ++told.strange;
    PQclear(result);
    ::usleep(2000);
  }
  if (!well) ++told.cut;
  PQfinish(connection);
}

// Processes, ended with the object.
class Storm {
 public:
  Storm(const std::string& conninfo, int clients) : clients_(clients) {
    void* memory = ::mmap(nullptr, bytes(),
                          PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0);
    if (memory == MAP_FAILED) throw Error("share", "memory", "mmap failed");
    told_ = static_cast<Told*>(memory);
    const pid_t parent = ::getpid();
    for (int client = 0; client < clients_; ++client) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        while (::getppid() == parent) visit(conninfo, client, told_[client]);
        ::_exit(0);
      }
      pids_.push_back(pid);
    }
  }
  ~Storm() {
    stop();
    ::munmap(told_, bytes());
  }
  Storm(const Storm&) = delete;
  Storm& operator=(const Storm&) = delete;

  // Whether every client writes one more row in that time.
  bool all_are_back() const {
    std::vector<std::int64_t> before;
    for (const Told& one : *this) before.push_back(one.written);
    const std::int64_t end = monotonic_ms() + kBack;
    const auto is_back = [&](int client) {
      return told_[client].written > before[static_cast<std::size_t>(client)];
    };
    for (int client = 0; client < clients_; ++client) {
      while (!is_back(client)) {
        if (monotonic_ms() > end) return false;
        ::usleep(10'000);
      }
    }
    return true;
  }
  void stop() {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
    pids_.clear();
  }
  const Told* begin() const { return told_; }
  const Told* end() const { return told_ + clients_; }

 private:
  std::size_t bytes() const {
    return sizeof(Told) * static_cast<std::size_t>(clients_);
  }
  int clients_;
  Told* told_ = nullptr;
  std::vector<pid_t> pids_;
};

struct StormFixture : ClusterFixture {
  // The live database becomes one that says `word` and takes notes.
  void build(const std::string& generation, const std::string& word,
             std::int64_t job) {
    const Database from = base(generation, word);
    swap(*cluster, order(copy(from, job), job), report);
    connect("shop", "shop_qa1")
        ->run("CREATE TABLE note (client int, number bigint)");
  }
  // An undo's swap: what the last one put into the trash goes live.
  Swap back(std::int64_t oid, std::int64_t last, std::int64_t job) {
    const auto former = cluster->database(names.trash(oid, last));
    BOOST_REQUIRE(former);
    Swap out = order(*former, job);
    out.copy_kind = "trash";
    return out;
  }
  void swaps_lose_nothing_and_let_everybody_back_in(int clients, int swaps);
  // Rows of that client up to `last` in this database.
  std::int64_t notes(const std::string& database, int client,
                     std::int64_t last) {
    return std::stoll(*connect("root", database)->query(
        "SELECT count(DISTINCT number) FROM note WHERE client = $1 AND "
        "number <= $2",
        {std::to_string(client), std::to_string(last)})[0][0]);
  }
};

void StormFixture::swaps_lose_nothing_and_let_everybody_back_in(int clients,
                                                                int swaps) {
  build("20261122030000", "one", 7);
  const std::int64_t one = cluster->database("shop_qa1")->oid;
  build("20261123030000", "other", 8);
  const std::int64_t other = cluster->database("shop_qa1")->oid;
  Storm storm(Postgres::instance().conninfo("shop", "shop_qa1"), clients);
  BOOST_TEST(storm.all_are_back());
  std::vector<std::int64_t> took;
  int passed = 0;  // looks that found what was no obstacle
  std::int64_t in_trash = one;
  for (std::int64_t job = 9; job < 9 + swaps; ++job) {
    const Database now = *cluster->database("shop_qa1");
    const auto look = [&] { return in_the_way(*cluster, now); };
    for (int i = 0; i < 10; ++i) {
      if (!look().empty()) ++passed;
    }
    BOOST_TEST(sentence_of(lasting(link, look)) == "");
    const Swap next = back(in_trash, job - 1, job);
    const std::int64_t begun = monotonic_ms();
    swap(*cluster, next, report);
    took.push_back(monotonic_ms() - begun);
    const auto live = cluster->database("shop_qa1");
    BOOST_REQUIRE(live);
    BOOST_TEST(live->oid == in_trash);
    BOOST_TEST(live->allow_connections);
    in_trash = in_trash == one ? other : one;
  }
  BOOST_TEST(storm.all_are_back());
  storm.stop();
  std::sort(took.begin(), took.end());
  std::int64_t written = 0, cut = 0;
  const std::string former = names.trash(in_trash, 8 + swaps);
  root->run("ALTER DATABASE " + root->identifier(former) +
            " ALLOW_CONNECTIONS true");
  int client = 0;
  for (const Told& told : storm) {
    BOOST_TEST(told.strange == 0);
    // A row whose COMMIT was not answered may be there, too, and again.
    BOOST_TEST(notes("shop_qa1", client, told.written) +
                   notes(former, client, told.written) >=
               told.written);
    written += told.written;
    cut += told.cut;
    ++client;
  }
  BOOST_TEST(cut > swaps);
  BOOST_TEST_MESSAGE(swaps << " swaps under " << clients << " clients: "
                           << took[took.size() / 2] << " ms, at most "
                           << took.back() << "; " << written
                           << " rows written, " << cut << " times cut; "
                           << passed << " looks found one that passed");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(storm_of_clients, StormFixture)

BOOST_AUTO_TEST_CASE(of_20_none_is_an_obstacle_and_nothing_is_lost) {
  swaps_lose_nothing_and_let_everybody_back_in(20, kAllSwaps ? 200 : 40);
}

BOOST_AUTO_TEST_CASE(of_100_none_is_an_obstacle_and_nothing_is_lost) {
  swaps_lose_nothing_and_let_everybody_back_in(100, kAllSwaps ? 200 : 10);
}

BOOST_AUTO_TEST_CASE(only_what_every_look_finds_is_an_obstacle) {
  int looks = 0;
  const auto changing = [&] {
    return std::vector<Obstacle>{{"lock " + std::to_string(++looks), "one"}};
  };
  BOOST_TEST(lasting(link, changing).empty());
  BOOST_TEST(looks == 2);
  looks = 0;
  const auto both = [&] {
    return std::vector<Obstacle>{{"lock " + std::to_string(++looks), "one"},
                                 {"session 1", "two"}};
  };
  BOOST_TEST(sentence_of(lasting(link, both)) == "two");
  BOOST_TEST(looks > 2);
}

BOOST_AUTO_TEST_CASE(who_may_not_be_ended_but_goes_is_no_obstacle) {
  // Monitoring, as a superuser: to_trash() refused at the first look.
  const Database made = copy(base("20261122030000", "data"), 7);
  root->run("ALTER DATABASE " + root->identifier(made.name) +
            " ALLOW_CONNECTIONS true");
  const std::string conninfo =
      Postgres::instance().conninfo("root", made.name);
  const pid_t pid = ::fork();
  if (pid == 0) {
    PGconn* monitor = PQconnectdb(conninfo.c_str());
    ::usleep(500'000);
    PQfinish(monitor);
    ::_exit(0);
  }
  const Deadline soon = Deadline::in_s(20);
  while (cluster->sessions(made.name).empty() && !soon.passed()) {
    ::usleep(10'000);
  }
  BOOST_TEST(!to_trash(*cluster, *cluster->database(made.name), 7).empty());
  ::waitpid(pid, nullptr, 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
