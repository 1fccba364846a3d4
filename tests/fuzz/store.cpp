// SPDX-License-Identifier: GPL-2.0-or-later
// Every format on disk: the first line names it, the rest is its text. What can
// be read is written and read again as it was; what cannot is an error of ours.
#include <unistd.h>

#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "model/job.hpp"
#include "store/check.hpp"
#include "store/cluster_state.hpp"
#include "store/drop.hpp"
#include "store/enrolment.hpp"
#include "store/history.hpp"
#include "store/host_state.hpp"
#include "store/preview.hpp"
#include "store/queue.hpp"
#include "store/receipt.hpp"
#include "store/sequence.hpp"
#include "store/state.hpp"
#include "store/steps.hpp"
#include "unit/temporary_dir.hpp"

namespace berth::fuzz {
namespace {

// to_json() of anything with a from_json(): the same text again and again.
template <class Read>
void check_value(const std::string& text, Read read) {
  json::value value;
  try {
    value = parse_json(text);
  } catch (const JsonError&) {
    return;
  }
  std::string once;
  try {
    once = json::serialize(to_json(read(value)));
  } catch (const JsonError&) {
    return;
  }
  std::string twice;
  try {
    twice = json::serialize(to_json(read(parse_json(once))));
  } catch (const JsonError& error) {
    throw Broken(std::string("what we wrote cannot be read: ") + error.what());
  }
  require(once == twice, "a document is written as read");
}

const TemporaryDir& place() {
  static const TemporaryDir folder;
  return folder;
}

// A file below our folder, which only this input is in.
template <class Use>
void with_file(const std::string& name, const std::string& text, Use use) {
  place().put(name, text);
  try {
    use(Dir(place().path()));
  } catch (const Error&) {
  } catch (const JsonError&) {
  }
}

void check_drop(const std::string& text) {
  const std::string token(32, 'a');
  with_file(token + ".json", text, [&](const Dir& dir) {
    const ReadDrop read = read_drop({dir, ::geteuid()}, token);
    require(read.drop.has_value() != !read.bad.reason.empty(),
            "a drop is one, or there is a reason");
    require(read.bad.copy.size() <= kLargestDrop, "a copy is capped");
    if (!read.drop) return;
    require(read.drop->token == token, "a drop has its file's token");
    require(request_fingerprint(*read.drop).size() == 32, "it has a print");
  });
}

void check_history(const std::string& text) {
  with_file("qa1.jsonl", text, [&](const Dir& dir) {
    const auto before = read_history(dir, "qa1", 5, std::nullopt);
    require(before.size() <= 5, "no more lines than were asked for");
    for (const std::string& line : before) {
      require(line.find('\n') == line.npos, "a line is one");
    }
    walk_history(dir, "qa1", [](const std::string&) { return true; });
    History history(dir, "qa1");
    HistoryLine line;
    line.event = "released";
    line.user = "alice";
    line.cause_token = std::string(32, 'b');
    const std::int64_t number = history.append(line);
    const History again(dir, "qa1");
    require(again.last() && again.last()->seq == number &&
                again.last()->event == "released",
            "a line that was appended is the last");
  });
}

void check_steps(const std::string& text) {
  with_file("12.steps", text, [](const Dir& dir) {
    const auto before = read_steps(dir, 12);
    StepRecord start;
    start.step = "job";
    start.event = "start";
    StepsWriter(dir, 12).append(start);
    const auto after = read_steps(dir, 12);
    require(after.size() == before.size() + 1 &&
                after.back().event == "start" &&
                (before.empty() || after.back().seq == before.back().seq + 1),
            "a torn tail is cut, and what is appended is read");
  });
}

void check_state(const std::string& text) {
  const State state(place().path());
  with_file("jobs.json", text, [&](const Dir&) {
    const auto read = state.read("jobs.json");
    require(!read || (read->etag.size() == 32 && text.ends_with(read->body)),
            "a body is whole");
  });
  with_file("jobs.json", text,
            [&](const Dir&) { state.read_json("jobs.json"); });
}

void check_sequence(const std::string& text) {
  with_file("sequence", text, [](const Dir& dir) {
    Sequence sequence(dir);
    const std::int64_t one = sequence.next(0);
    require(one > 0 && sequence.next(0) == one + 1 &&
                Sequence(dir).next(0) == one + 2,
            "a number is given once");
  });
  with_file("site", text, [](const Dir& dir) {
    require(site8(site_uuid(dir, false)).size() == 8, "a site is a uuid");
  });
}

void check_enrolment(const std::string& text) {
  Config config;
  config.folder = place().path();
  ApplicationConfig& shop = config.applications["shop"];
  shop.name = "shop";
  shop.kind = "svn";
  shop.root = "/srv/shop";
  shop.servers = {"*"};
  with_file("guest/shop.json", text, [&](const Dir&) {
    const GuestConf conf = guest_conf_for(config, "qa1");
    const json::value document = parse_json(conf.text);
    require(document.at("applications").at("shop").at("root") == "/srv/shop",
            "what a build says is from berth.conf");
  });
}

void check_queue(const std::string& text) {
  check_value(text, job_from_json);
  place().put("active/x", "");
  place().put("queue/12.json", text);
  const Queue queue(place() / "queue", place() / "active");
  try {
    for (const Job& job : queue.waiting()) {
      require(job.id == 12, "a job has its file's number");
      static_cast<void>(steps_of(job));
      static_cast<void>(job.text("path"));
      static_cast<void>(job.flag("checkout"));
    }
  } catch (const Error&) {
  } catch (const JsonError&) {
  }
}

void check_arguments(const std::string& text) {
  check_value(text, arguments_from<BuildArguments>);
  check_value(text, arguments_from<PublishArguments>);
  check_value(text, arguments_from<RefreshArguments>);
  check_value(text, arguments_from<SpareArguments>);
  check_value(text, arguments_from<UndoArguments>);
  check_value(text, arguments_from<KeepArguments>);
  check_value(text, arguments_from<AdoptArguments>);
  check_value(text, arguments_from<DropArguments>);
  check_value(text, arguments_from<PowerArguments>);
  check_value(text, arguments_from<SnapshotArguments>);
  check_value(text, arguments_from<ProvisionArguments>);
  check_value(text, arguments_from<RetireArguments>);
  check_value(text, arguments_from<CheckArguments>);
}

template <auto read>
void check_with(const std::string& text) {
  check_value(text, read);
}

void check_preview(const std::string& text) {
  with_file("12.preview.json", text,
            [](const Dir& dir) { read_preview(dir, 12); });
}

using Format = void (*)(const std::string& text);
const std::map<std::string, Format, std::less<>>& formats() {
  static const std::map<std::string, Format, std::less<>> all = {
      {"drop", check_drop},
      {"receipt", check_with<receipt_from_json>},
      {"queue", check_queue},
      {"arguments", check_arguments},
      {"result", check_with<job_result_from_json>},
      {"history", check_history},
      {"line", check_with<history_line_from_json>},
      {"steps", check_steps},
      {"record", check_with<step_record_from_json>},
      {"state", check_state},
      {"host", check_with<host_state_from_json>},
      {"cluster", check_with<cluster_state_from_json>},
      {"check", check_with<check_from_json>},
      {"preview", check_preview},
      {"sequence", check_sequence},
      {"enrolment", check_enrolment}};
  return all;
}

}  // namespace

FUZZ(store) {
  const auto format = formats().find(take_line(input));
  if (format != formats().end()) format->second(std::string(input));
}

}  // namespace berth::fuzz
