// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/context.hpp"

#include "base/error.hpp"
#include "model/secret.hpp"
#include "store/enrolment.hpp"
#include "store/sequence.hpp"

namespace berth::worker {
namespace {

const ApplicationConfig& find_application(const Config& config,
                                          const std::string& name) {
  static const ApplicationConfig none;
  if (name.empty()) return none;
  const auto found = config.applications.find(name);
  if (found == config.applications.end()) {
    throw Error("find", "application " + name, "it is not in berth.conf");
  }
  return found->second;
}

// Seconds; generous, because users see a slow step and can cancel it.
std::int64_t usual_deadline(const std::string& step) {
  if (step == "database") return 4 * 3600;
  if (step == "checkout" || step == "converge") return 1800;
  if (step == "prepare") return 1800;
  if (step == "publish" || step == "fetch" || step == "restore" ||
      step == "scrub" || step == "vacuum" || step == "copy") {
    return 4 * 3600;
  }
  if (step == "assert") return 1800;
  // A first boot, long enough for an emulated machine.
  if (step == "enrol") return 1200;
  return 120;
}

// The limit for secrets of other applications in one mask, which takes about
// 350 bytes of memory per byte of them. Secrets beyond it are not hidden.
constexpr std::size_t kMostOfOthers = 128 * 1024;

// Without those that cannot be read, with which the jobs of that application
// fail. If the folder cannot be read, nothing would be hidden: the job fails.
Secrets readable_secrets(const Config& config, const Job& job,
                         const std::string& application) {
  try {
    return read_secrets(config.folder, application, BadSecret::left_out);
  } catch (const Error& e) {
    throw Error("hide", "the secrets of application " + application +
                            ", which may be on " + job.server,
                e.what());
  }
}

// Adds the secrets of all other applications that may be on the job's server: a
// shared error log, a configtest or a converge can print them.
void add_secrets_of_others(const Config& config, const Job& job,
                           Secrets& hidden) {
  std::size_t bytes = 0;
  for (const auto& [name, application] : config.applications) {
    if (job.server.empty() || name == job.application ||
        !application.allowed_on(job.server)) {
      continue;
    }
    Secrets theirs = readable_secrets(config, job, name);
    theirs["/repository"] = password_in(application.repository);
    for (auto& [key, value] : theirs) {
      // Skipped if it cannot be hidden: it must not make a preview hide more.
      const std::string_view seen = essence(value);
      if (seen.empty() || why_not_hidden(seen, name) ||
          why_not_hidden(seen, job.application) ||
          bytes + value.size() > kMostOfOthers) {
        continue;
      }
      bytes += value.size();
      hidden["/" + name + "/" + key] = std::move(value);
    }
  }
}

// At any depth: an undo has the configuration to go back to as an object.
void add_strings(const json::value& value, std::vector<std::string>& out) {
  if (value.is_string()) {
    out.emplace_back(value.get_string());
  } else if (value.is_array()) {
    for (const auto& item : value.get_array()) add_strings(item, out);
  } else if (value.is_object()) {
    for (const auto& [name, item] : value.get_object()) add_strings(item, out);
  }
}

std::vector<std::string> written_by_the_requester(const Job& job) {
  std::vector<std::string> out;
  add_strings(job.arguments, out);
  return out;
}

}  // namespace

Context::Context(const Config& all, const Job& the_job, Link& the_link)
    : config(all),
      application(find_application(all, the_job.application)),
      job(the_job),
      layout(all.paths),
      names(site_uuid(Dir(all.paths.lib), false)),
      secrets(the_job.application.empty()
                  ? Secrets()
                  : read_secrets(all.folder, the_job.application)),
      link(the_link) {
  Secrets hidden = secrets;
  hidden["/repository"] = password_in(application.repository);
  add_secrets_of_others(all, the_job, hidden);
  link.hide(Mask(hidden, job.application, written_by_the_requester(job)));
  std::string name = application.cluster;
  if (job.kind == JobKind::drop) {
    name = arguments_from<DropArguments>(job.arguments).cluster;
  }
  if (!name.empty()) {
    const auto found = config.clusters.find(name);
    if (found == config.clusters.end()) {
      throw Error("find", "cluster " + name, "it is not in berth.conf");
    }
    cluster = &found->second;
  }
  if (job.kind == JobKind::build || job.kind == JobKind::preview) {
    arguments = job.build();
  }
}

Deadline Context::deadline(const std::string& step) const {
  const auto set = application.deadline.find(step);
  return Deadline::in_s(set != application.deadline.end()
                            ? set->second
                            : usual_deadline(step));
}

}  // namespace berth::worker
