// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/postgres.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>

#include "store/history.hpp"
#include "worker/cluster/copy.hpp"

namespace berth::worker {
namespace {

// POSTGRES_BIN: the folder of another version's programs.
std::string program(const std::string& name) {
  if (const char* folder = std::getenv("POSTGRES_BIN")) {
    return std::string(folder) + "/" + name;
  }
  for (int version = 20; version >= 13; --version) {
    const std::string path =
        "/usr/lib/postgresql/" + std::to_string(version) + "/bin/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw std::runtime_error(name + " is not installed");
}

// PostgreSQL refuses to run as root.
std::vector<std::string> as_postgres(std::vector<std::string> command) {
  if (::geteuid() == 0) {
    command.insert(command.begin(), {"setpriv", "--reuid=postgres",
                                     "--regid=postgres", "--init-groups"});
  }
  return command;
}

void must(const std::vector<std::string>& command) {
  const RunResult result = run(command, 60000);
  if (!result.status.ok()) throw std::runtime_error(result.err);
}

}  // namespace

Postgres& Postgres::instance() {
  static Postgres one;
  return one;
}

Postgres::Postgres() {
  if (::geteuid() == 0) must({"chown", "postgres", folder_.path()});
  const std::string data = folder_ / "data";
  must(as_postgres({program("initdb"), "-D", data, "-U", "root", "-A", "trust",
                    "--no-sync", "-E", "UTF8", "--locale=C"}));
  start(data);
  Link link{Fd()};
  for (int attempt = 0;; ++attempt) {
    try {
      Connection root("test", conninfo("root"), "test", link);
      root.run("CREATE ROLE shop LOGIN");
      root.run("CREATE ROLE eve LOGIN");
      root.run("CREATE ROLE berth LOGIN NOSUPERUSER CREATEDB IN ROLE shop");
      root.run("GRANT pg_signal_backend TO berth");
      root.run("CREATE ROLE shop_restore LOGIN IN ROLE shop");
      return;
    } catch (const Away&) {
      if (attempt == 200) throw;
      ::usleep(50000);
    }
  }
}

Postgres::Postgres(const Postgres& original) {
  if (::geteuid() == 0) must({"chown", "postgres", folder_.path()});
  const std::string data = folder_ / "data";
  must(as_postgres({program("pg_basebackup"), "-d", original.conninfo("root"),
                    "-D", data, "-X", "fetch", "--no-sync", "-c", "fast"}));
  start(data);
  Link link{Fd()};
  for (int attempt = 0;; ++attempt) {
    try {
      Connection("test", conninfo("root"), "test", link);
      return;
    } catch (const Away&) {
      if (attempt == 200) throw;
      ::usleep(50000);
    }
  }
}

void Postgres::start(const std::string& data) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ChildOptions options;
  options.stdout_fd = null.get();
  options.stderr_fd = null.get();
  server_ = Child::start(
      as_postgres({program("postgres"), "-D", data, "-k", folder_.path(),
                   "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                   "max_connections=150", "-c", "shared_buffers=16MB", "-c",
                   "max_prepared_transactions=4", "-c", "wal_level=logical"}),
      options);
}

std::string Postgres::conninfo(const std::string& role,
                               const std::string& database) const {
  return "host=" + folder_.path() + " user=" + role + " dbname=" + database;
}

ClusterFixture::ClusterFixture() {
  Postgres& server = Postgres::instance();
  config.name = "db1";
  config.conninfo = server.conninfo("berth");
  root = std::make_unique<Connection>("test", server.conninfo("root"), "test",
                                      link);
  root->run("SET search_path = \"$user\", public");
  root->run("ALTER ROLE shop_restore NOBYPASSRLS");
  for (const Row& row : root->query(
           "SELECT gid, database FROM pg_prepared_xacts")) {
    connect("root", *row[1])->run("ROLLBACK PREPARED " +
                                  root->literal(*row[0]));
  }
  root->query("SELECT pg_drop_replication_slot(slot_name) "
              "FROM pg_replication_slots");
  for (const Row& row : root->query(
           "SELECT datname FROM pg_database WHERE datname NOT IN "
           "('postgres', 'template0', 'template1')")) {
    const std::string name = root->identifier(*row[0]);
    root->run("ALTER DATABASE " + name + " IS_TEMPLATE false");
    root->run("DROP DATABASE " + name + " WITH (FORCE)");
  }
  cluster = other(7);
}

std::unique_ptr<Cluster> ClusterFixture::other(std::int64_t job) {
  auto out = std::make_unique<Cluster>(config, names, job, link);
  out->require_system(out->system_identifier());
  return out;
}

std::unique_ptr<Connection> ClusterFixture::connect(
    const std::string& role, const std::string& database) {
  auto out = std::make_unique<Connection>(
      "test", Postgres::instance().conninfo(role, database), "tester", link);
  out->run("SET search_path = \"$user\", public");
  return out;
}

Database ClusterFixture::base(const std::string& generation,
                              const std::string& word) {
  const std::string name = names.base("shop", generation);
  root->run("CREATE DATABASE " + root->identifier(name) + " OWNER shop");
  {
    const auto inside = connect("shop", name);
    inside->run("CREATE TABLE word AS SELECT " + inside->literal(word) +
                " AS word");
  }
  DatabaseMarker marker;
  marker.site = kSite;
  marker.kind = "base";
  marker.state = "ready";
  marker.application = "shop";
  marker.generation = generation;
  cluster->comment(name, marker);
  root->run("ALTER DATABASE " + root->identifier(name) +
            " WITH ALLOW_CONNECTIONS false CONNECTION LIMIT 0");
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO berth");
  return *cluster->database(name);
}

Database ClusterFixture::copy(const Database& from, std::int64_t job) {
  CopyOrder order;
  order.base = from;
  order.name = names.copy("shop", from.marker->generation, job);
  order.server = "qa1";
  order.job = job;
  const Database made =
      copy_base(*cluster, order, report, Deadline::in_s(60));
  cluster->unlock(order.name);
  return made;
}

Swap ClusterFixture::order(const Database& from, std::int64_t job) {
  Swap out;
  out.live = "shop_qa1";
  if (const auto live = cluster->database(out.live)) out.live_oid = live->oid;
  out.copy = from.name;
  out.copy_oid = from.oid;
  out.owner = "shop";
  out.application = "shop";
  out.server = "qa1";
  out.job = job;
  out.undo = 3600;
  return out;
}

std::string ClusterFixture::word_in(const std::string& database) {
  const auto inside = connect("shop", database);
  return inside->query("SELECT word FROM word").at(0).at(0).value_or("");
}

TidyFacts calm_facts() {
  TidyFacts out;
  out.now = wall_now();
  out.cluster = "db1";
  out.servers = {"qa1", "qa2"};
  ClusterConfig& cluster = out.config.clusters["db1"];
  cluster.name = "db1";
  ApplicationConfig& shop = out.config.applications["shop"];
  shop.name = "shop";
  shop.cluster = "db1";
  shop.database = "shop_{server}";
  shop.owner = "shop";
  shop.servers = {"*"};
  shop.spares = 5;
  shop.generations = 10;
  return out;
}

ClusterState look_at(Cluster& cluster) {
  return look_at(cluster, calm_facts().config);
}

void carries(const Layout& layout, const std::string& server, std::int64_t job,
             const std::optional<DatabaseOnServer>& database) {
  std::filesystem::create_directories(layout.history);
  HistoryLine line;
  line.at = wall_now();
  line.event = "built";
  line.user = "alice";
  line.cause_job = job;
  line.configuration.emplace();
  line.configuration->application = "shop";
  line.configuration->database = database;
  History(Dir(layout.history), server).append(line);
}

std::vector<std::string> tidy(Cluster& cluster, const IsActive& is_active) {
  return tidy(cluster, calm_facts(), is_active).problems;
}

}  // namespace berth::worker
