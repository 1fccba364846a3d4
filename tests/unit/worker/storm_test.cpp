// SPDX-License-Identifier: GPL-2.0-or-later
// 200 swaps (in make check-faults) while 20 clients connect, write and come back
// at once when they are cut: as a pool of connections or a web server's workers
// do.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "postgres.hpp"
#include "worker/swap.hpp"
#include "worker/trash.hpp"

namespace berth::worker {
namespace {

constexpr int kClients = 20;
// In `make check` a fifth of them.
const int kSwaps = std::getenv("FAULT_EVERY") ? 200 : 40;
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
  explicit Storm(const std::string& conninfo) {
    void* memory = ::mmap(nullptr, sizeof(Told) * kClients,
                          PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                          -1, 0);
    if (memory == MAP_FAILED) throw Error("share", "memory", "mmap failed");
    told_ = static_cast<Told*>(memory);
    const pid_t parent = ::getpid();
    for (int client = 0; client < kClients; ++client) {
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
    ::munmap(told_, sizeof(Told) * kClients);
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
    for (int client = 0; client < kClients; ++client) {
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
  const Told* end() const { return told_ + kClients; }

 private:
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
  // Rows of that client up to `last` in this database.
  std::int64_t notes(const std::string& database, int client,
                     std::int64_t last) {
    return std::stoll(*connect("root", database)->query(
        "SELECT count(DISTINCT number) FROM note WHERE client = $1 AND "
        "number <= $2",
        {std::to_string(client), std::to_string(last)})[0][0]);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(storm_of_clients, StormFixture)

BOOST_AUTO_TEST_CASE(swaps_lose_nothing_and_let_everybody_back_in) {
  build("20261122030000", "one", 7);
  const std::int64_t one = cluster->database("shop_qa1")->oid;
  build("20261123030000", "other", 8);
  const std::int64_t other = cluster->database("shop_qa1")->oid;
  Storm storm(Postgres::instance().conninfo("shop", "shop_qa1"));
  BOOST_TEST(storm.all_are_back());
  std::vector<std::int64_t> took;
  std::int64_t in_trash = one;
  for (std::int64_t job = 9; job < 9 + kSwaps; ++job) {
    const Swap next = back(in_trash, job - 1, job);
    const std::int64_t begun = monotonic_ms();
    swap(*cluster, next, report);
    took.push_back(monotonic_ms() - begun);
    const auto live = cluster->database("shop_qa1");
    BOOST_REQUIRE(live);
    BOOST_TEST(live->oid == in_trash);
    BOOST_TEST(live->allow_connections);
    BOOST_TEST(swapped_by(*cluster, "shop_qa1", job));
    in_trash = in_trash == one ? other : one;
  }
  BOOST_TEST(storm.all_are_back());
  storm.stop();
  std::sort(took.begin(), took.end());
  std::int64_t written = 0, cut = 0;
  const std::string former = names.trash(in_trash, 8 + kSwaps);
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
  BOOST_TEST(cut > kSwaps);
  BOOST_TEST_MESSAGE(kSwaps << " swaps under " << kClients << " clients: "
                            << took[took.size() / 2] << " ms, at most "
                            << took.back() << "; " << written
                            << " rows written, " << cut << " times cut");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
