// SPDX-License-Identifier: GPL-2.0-or-later
// Receipts, queue, steps, sequence and state files.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "store/cluster_state.hpp"
#include "store/host_state.hpp"
#include "store/queue.hpp"
#include "store/receipt.hpp"
#include "store/sequence.hpp"
#include "store/state.hpp"
#include "store/steps.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

const std::string kToken = "0123456789abcdef0123456789abcdef";

Job job(std::int64_t id) {
  Job j;
  j.id = id;
  j.kind = JobKind::build;
  j.server = "qa1";
  j.application = "shop";
  j.user = "alice";
  j.token = kToken;
  j.created_at = 1795375623;
  BuildArguments build;
  build.application = "shop";
  build.path = "trunk";
  build.database = "newest";
  build.checkout = true;
  build.note = "why";
  j.arguments = to_json(build);
  return j;
}

struct Spool {
  TemporaryDir t;
  Spool() {
    ::mkdir((t / "queue").c_str(), 0750);
    ::mkdir((t / "active").c_str(), 0750);
  }
  Queue queue() const { return Queue(t / "queue", t / "active"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(spool)

BOOST_AUTO_TEST_CASE(a_receipt_is_written_once) {
  TemporaryDir t;
  const Dir dir(t.path());
  Receipt r;
  r.token = kToken;
  r.user = "alice";
  r.accepted = true;
  r.status = 201;
  r.job = 12;
  r.server = "qa1";
  r.effects = {{{"kind", "job"}, {"job", to_json(job(12))}}};
  r.extra = {{"holder", "bob"}};
  write_receipt(dir, r);
  BOOST_CHECK_THROW(write_receipt(dir, r), Error);
  const auto got = read_receipt(dir, kToken);
  BOOST_REQUIRE(got.has_value());
  BOOST_CHECK(to_json(*got) == to_json(r));
  BOOST_TEST(!read_receipt(dir, std::string(32, 'a')).has_value());
  BOOST_TEST(!read_receipt(dir, "../x").has_value());
  BOOST_TEST(list_receipts(dir).size() == 1u);
}

BOOST_AUTO_TEST_CASE(jobs_move_from_queue_to_active_and_back) {
  Spool s;
  Queue q = s.queue();
  for (const std::int64_t id : {10, 9, 100}) q.add(job(id));
  q.add(job(10));
  BOOST_REQUIRE(q.waiting().size() == 3u);
  BOOST_TEST(q.waiting()[0].id == 9);   // by number, not by text
  BOOST_TEST(q.waiting()[2].id == 100);
  q.activate(job(9));
  q.add(job(9));  // applied again after a crash: it is active already
  BOOST_TEST(q.waiting().size() == 2u);
  BOOST_TEST(q.active().size() == 1u);
  StepsWriter(q.active_dir(), 9).append(StepRecord{});
  Job again = q.active()[0];
  again.attempt = 2;
  q.requeue(again);
  BOOST_TEST(q.active().empty());
  BOOST_TEST(q.waiting()[0].attempt == 2);
  BOOST_TEST(read_steps(q.active_dir(), 9).empty());
  BOOST_TEST(q.remove(9));
  BOOST_TEST(!q.remove(9));
}

BOOST_AUTO_TEST_CASE(a_job_file_of_a_newer_format_stops_with_its_version) {
  Spool s;
  s.t.put("queue/5.json", "{\"version\":3}");
  BOOST_CHECK_EXCEPTION(s.queue().waiting(), Error, [](const Error& e) {
    return e.cause().find("format 3 is newer") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(steps_cut_at_every_byte_keep_their_whole_lines) {
  Spool s;
  const Dir active(s.t / "active");
  {
    StepsWriter w(active, 4);
    StepRecord r;
    r.step = "preflight";
    r.event = "start";
    w.append(r);
    r.event = "end";
    r.state = "done";
    r.note = {{"slot", "b"}};
    w.append(r);
    r = StepRecord{};
    r.step = "job";
    r.event = "end";
    r.result = JobResult{Outcome::failed, "verify", "HTTP 500", true, "12",
                         nullptr,
                         MadeBase{"20261122024100", "berth_x", 7, 9}};
    w.append(r);
  }
  const std::string whole = s.t.get("active/4.steps");
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    s.t.put("active/4.steps", whole.substr(0, n));
    std::size_t lines = 0;
    for (const char c : whole.substr(0, n)) lines += c == '\n';
    const std::size_t kept = lines > 0 ? lines - 1 : 0;
    BOOST_TEST(read_steps(active, 4).size() == kept, "cut at " << n);
    StepRecord next;
    next.step = "switch";
    next.event = "start";
    StepsWriter(active, 4).append(next);
    const auto all = read_steps(active, 4);
    BOOST_TEST(all.size() == kept + 1, "cut at " << n);
    BOOST_TEST(all.back().seq == static_cast<std::int64_t>(kept) + 1);
  }
  s.t.put("active/4.steps", whole);
  BOOST_TEST(read_steps(active, 4).back().result->failed_step == "verify");
}

// The highest number there is has no next one: once this was undefined.
BOOST_AUTO_TEST_CASE(a_number_that_has_no_next_is_refused_by_name) {
  const Spool s;
  s.t.put("active/4.steps",
          "{\"version\":1,\"job\":4}\n{\"seq\":9223372036854775807,"
          "\"at\":\"x\",\"step\":\"job\",\"event\":\"start\"}\n");
  const Dir active(s.t / "active");
  BOOST_CHECK_EXCEPTION(StepsWriter(active, 4), Error, [](const Error& e) {
    return std::string(e.what()).find("'seq'") != std::string::npos;
  });
  json::object text = to_json(job(4));
  text["id"] = 1'000'000'000'000'000;
  BOOST_CHECK_THROW(job_from_json(text), JsonError);
  text["id"] = 999'999'999'999'999;
  text["attempt"] = 999'999'999'999'999;
  BOOST_TEST(job_from_json(text).id == 999'999'999'999'999);
  BOOST_TEST(job_from_json(text).attempt > 0);
}

// What recovery goes by is written however much progress there was.
BOOST_AUTO_TEST_CASE(steps_stay_a_file_that_can_be_read) {
  Spool s;
  const Dir active(s.t / "active");
  StepRecord r;
  r.step = "checkout";
  r.event = "progress";
  r.message = std::string(2000, 'x');
  {
    StepsWriter w(active, 4);
    for (int i = 0; i < 12'000; ++i) w.append(r);
  }
  const std::size_t size = active.read("4.steps", 64 << 20)->size();
  BOOST_TEST(size < (5u << 20));
  StepsWriter w(active, 4);
  w.append(r);
  BOOST_TEST(active.read("4.steps", 64 << 20)->size() == size);
  r.note = {{"told", true}};
  w.append(r);
  r.event = "end";
  r.state = "done";
  w.append(r);
  const auto all = read_steps(active, 4);
  BOOST_TEST(all.back().state == "done");
  BOOST_TEST(!all[all.size() - 2].note.is_null());
}

BOOST_AUTO_TEST_CASE(a_number_is_never_given_twice) {
  TemporaryDir t;
  const Dir lib(t.path());
  BOOST_TEST(Sequence(lib).next(0) == 1);
  BOOST_TEST(Sequence(lib).next(0) == 2);
  BOOST_TEST(Sequence(lib).next(40) == 41);  // seen elsewhere
  BOOST_TEST(Sequence(lib).next(0) == 42);
  t.put("sequence", "garbage\n");
  BOOST_CHECK_THROW(Sequence(lib).next(0), Error);
}

BOOST_AUTO_TEST_CASE(the_site_is_made_once) {
  TemporaryDir t;
  const Dir lib(t.path());
  BOOST_CHECK_THROW(site_uuid(lib, false), Error);
  const std::string uuid = site_uuid(lib, true);
  BOOST_TEST(uuid.size() == 36u);
  BOOST_TEST(site_uuid(lib, true) == uuid);
  BOOST_TEST(site_uuid(lib, false) == uuid);
  BOOST_TEST(site8(uuid).size() == 8u);
}

BOOST_AUTO_TEST_CASE(state_bodies_come_back_with_their_etag) {
  TemporaryDir t;
  const State state(t.path());
  const json::value body = {{"servers", json::array{}}};
  BOOST_TEST(state.write("servers.json", body));
  BOOST_TEST(!state.write("servers.json", body));  // nothing new
  const auto got = state.read("servers.json");
  BOOST_REQUIRE(got.has_value());
  BOOST_TEST(got->body == json::serialize(body));
  BOOST_TEST(got->etag.size() == 32u);
  BOOST_TEST(!state.read("job/3.json").has_value());
  BOOST_TEST(state.write_text("job/3.json", "{}"));
  BOOST_TEST(state.read("job/3.json")->body == "{}");
  BOOST_TEST(state.list("job").size() == 1u);
  BOOST_TEST(state.touched_ms("job/3.json").has_value());
  BOOST_TEST(state.remove("job/3.json"));
  // A torn or foreign file is no resource.
  const std::string whole = t.get("servers.json");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    t.put("servers.json", whole.substr(0, n));
    BOOST_TEST(!state.read("servers.json").has_value(), "cut at " << n);
  }
}

BOOST_AUTO_TEST_CASE(host_and_cluster_states_come_back) {
  HostState h;
  h.host = "kvm1";
  h.uri = "test:///default";
  h.as_of = 1795375623;
  DomainState domain;
  domain.name = domain.server = "qa1";
  domain.state = "running";
  domain.uuid = "u";
  domain.addresses = {"10.0.0.1"};
  domain.addresses_from = "lease";
  domain.vcpus = 2;
  domain.memory = 1 << 30;
  domain.since = 1795375600;
  h.domains = {domain};
  BOOST_CHECK(to_json(host_state_from_json(to_json(h))) == to_json(h));
  ClusterState c;
  c.cluster = "db1";
  c.reachable = true;
  c.as_of = 1795375623;
  c.bases = {{"shop", "20261122024100", "berth_x", 1795375000, 5}};
  c.spares = {{"shop", "20261122024100", 2}};
  c.live = {{"shop_qa1", 16999, "qa1", "shop", "20261122024100", 12}};
  c.former = {{"berth_x", "qa1", "shop", "20261122024100", {}, 12,
               1795375700, 5}};
  c.orphans = {{"directory", "base/16999", "nobody has it", 7}};
  c.problems = {"the role lacks CREATEDB"};
  BOOST_CHECK(to_json(cluster_state_from_json(to_json(c))) == to_json(c));
}

BOOST_AUTO_TEST_SUITE_END()
