// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/refresh.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "store/steps.hpp"
#include "worker/cluster/disk_space.hpp"
#include "worker/cluster/materialized_view.hpp"
#include "worker/cluster/out_of_reach.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/planner_statistics.hpp"
#include "worker/cluster/prepared_transaction.hpp"
#include "worker/cluster/role_baseline.hpp"
#include "worker/cluster/role_powers.hpp"
#include "worker/cluster/role_watch.hpp"
#include "worker/cluster/script_session.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/data/fetch.hpp"
#include "worker/data/generation.hpp"
#include "worker/data/live_watch.hpp"
#include "worker/data/restore.hpp"
#include "worker/job/act.hpp"
#include "worker/job/outcome.hpp"

namespace berth::worker {
namespace {

// Bytes on the cluster for a byte of a dump, used without an older generation.
constexpr std::int64_t kUnpacked = 5;
// A limit, because the owner's password allows any number of changes.
constexpr std::size_t kMostRoleLines = 50;

class Refresh {
 public:
  Refresh(const Context& context, Journal& journal, Act& act)
      : context_(context),
        journal_(journal),
        act_(act),
        application_(context.application),
        in_full_(context.layout.log, context.job.id),
        baseline_(context.layout.cache, context.application.name) {}

  JobResult run() {
    if (act_.resumed) {
      if (auto ended = settle()) return *ended;
    }
    journal_.begin("fetch");
    try {
      return from_the_start();
    } catch (...) {
      // Must not be interrupted: the incomplete generation is dropped if
      // possible.
      context_.link.shield();
      if (roles_) report_role_changes();
      if (live_) report_missing();
      if (!loading_.empty() && !act_.commit_in_flight) discard();
      throw;
    }
  }

 private:
  // A worker of this job died. Its sessions are ended, its generation is
  // dropped, and the job is requeued; unless the marker shows that it was
  // published.
  std::optional<JobResult> settle() {
    const std::string died_in = last_step();
    act_.commit_in_flight = true;
    connect();
    cluster_->end_earlier_sessions();
    if (const auto base = published_by(*cluster_, context_.job.id)) {
      journal_.begin("publish");
      context_.link.shield();
      journal_.end("publish", "done", base->name);
      forget_baseline();  // the roles are as they were when it was published
      return succeeded(*base->marker, base->name, base->size);
    }
    act_.commit_in_flight = false;
    context_.link.shield();
    discard_left_over(*cluster_, application_.name, context_.job.id, journal_);
    // Now, before an administrator changes a role.
    try {
      require_roles_undone();
    } catch (const Error& e) {
      journal_.log(e.what());
    }
    return result_of_stop(context_.job,
                          {Stopped::By::death, died_in, "died"});
  }

  std::string last_step() const {
    std::string out = "fetch";
    for (const StepRecord& record :
         read_steps(Dir(context_.layout.active), context_.job.id)) {
      if (record.event == "start") out = record.step;
    }
    return out;
  }

  void connect() {
    if (!context_.cluster) {
      throw Error("refresh", application_.name,
                  "it has no cluster in berth.conf");
    }
    cluster_.emplace(*context_.cluster, context_.names, context_.job.id,
                     context_.link);
    require_pinned(*cluster_, context_.config);
  }

  JobResult from_the_start() {
    // What an admin has to fix is reported now, and not after an hour.
    const auto scripts =
        read_scripts(context_.config.folder, "scrub", application_.name);
    require_assertions(scripts);
    const ScriptSettings settings = script_settings(
        application_, {"", "", context_.job.id});
    connect();
    require_no_settings(*cluster_, application_.restore_user, "refresh");
    require_fit_roles();
    find_newest();
    discard_left_over(*cluster_, application_.name, context_.job.id, journal_);
    const Deadline deadline = context_.deadline("fetch");
    const Dump dump = read_dump(fetch_dump(context_, journal_, deadline),
                                context_.link, in_full_, deadline);
    require_of_the_past(dump, wall_now());
    connect();  // fetching may have taken hours
    find_newest();
    if (newest_ && newest_->marker->data_at && is_dated(*newest_) &&
        dump.created_at <= *newest_->marker->data_at &&
        !arguments_from<RefreshArguments>(context_.job.arguments).again) {
      return no_newer(dump);
    }
    // Throws for a name that matches nothing, now and not after hours.
    views_ = filled_views(dump.items, application_.skip_data);
    journal_.end("fetch", "done",
                 "dump of " + rfc3339(dump.created_at) + ", " +
                     size_text(dump.size));
    journal_.during("restore", [&] { return restore(dump); });
    scripted_ = !scripts.empty();
    run_all(scripts, settings);
    publish();
    return succeeded(marker_, loading_, size_);
  }

  void require_assertions(const std::vector<Script>& scripts) const {
    if (!application_.require_assertions ||
        std::any_of(scripts.begin(), scripts.end(),
                    [](const Script& script) { return script.assertion; })) {
      return;
    }
    throw Error("refresh", application_.name,
                "require_assertions is set, but scrub/" + application_.name +
                    " has no NN-name.assert.sql; write one");
  }

  void find_newest() {
    newest_.reset();
    for (const Database& d : cluster_->databases()) {
      if (cluster_->is_base(d) && d.marker->state == "ready" &&
          d.marker->application == application_.name &&
          (!newest_ || d.marker->generation > newest_->marker->generation)) {
        newest_ = d;
      }
    }
    act_.stands = newest_ ? "generation " + newest_->marker->generation +
                                " remains in use"
                          : "";
  }

  // A generation from an earlier version of Berth can have a date that is years
  // in the future.
  bool is_dated(const Database& base) {
    if (!is_from_the_future(*base.marker->data_at, wall_now())) return true;
    journal_.log("the date of generation " + base.marker->generation + ", " +
                 rfc3339(*base.marker->data_at) +
                 ", is in the future: any dump counts as newer");
    return false;
  }

  JobResult no_newer(const Dump& dump) {
    const std::string why = "the dump of " + rfc3339(dump.created_at) +
                            " is not newer than generation " +
                            newest_->marker->generation;
    journal_.end("fetch", "done", why);
    for (const char* step :
         {"restore", "scrub", "vacuum", "assert", "publish"}) {
      journal_.skip(step, "the dump is not newer");
    }
    return {.outcome = Outcome::succeeded, .detail = why};
  }

  void require_room(const Dump& dump) {
    const auto left = free_bytes(*cluster_);
    if (!left) return;  // unknown, because the cluster is on another machine
    const std::int64_t needs = newest_ && newest_->size > 0
                                   ? newest_->size / 5 * 6
                                   : dump.size * kUnpacked;
    const std::int64_t floor = context_.cluster->disk_floor;
    if (*left - needs < floor) {
      throw Error("restore on", "cluster " + context_.cluster->name,
                  "a new generation needs about " + size_text(needs) + ": " +
                      size_text(*left) + " are free and " + size_text(floor) +
                      " must remain free (disk_floor)");
    }
  }

  std::string restore(const Dump& dump) {
    require_room(dump);
    marker_.site = cluster_->names().site();
    marker_.kind = "base";
    marker_.state = "loading";
    marker_.application = application_.name;
    marker_.generation = next_generation(*cluster_, application_.name);
    marker_.job = context_.job.id;
    marker_.data_at = dump.created_at;
    loading_ = cluster_->names().base(application_.name, marker_.generation);
    create_loading(*cluster_, marker_, dump.locale, journal_);
    let_fill(*cluster_, loading_, application_);
    const Deadline deadline = context_.deadline("restore");
    roles_.emplace(*cluster_, application_.owner, login_of(target({}, "")),
                   loading_);
    // Fetching may have taken hours, and the dump of another application that
    // shares a role may have changed it since; such a state must not become the
    // baseline.
    require_fit_roles();
    baseline_.keep(*roles_);
    live_.emplace(*cluster_, context_.layout);
    restore_dump(*cluster_,
                 {dump, application_, loading_, context_.layout.cache,
                  [&] {
                    quieted_ =
                        keep_autovacuum_off(*cluster_, loading_, deadline);
                  }},
                 journal_, in_full_, deadline);
    roles_->require_unchanged("restore");
    live_->require_all("restore");
    require_none_left(*cluster_, loading_, "restore");
    if (dump_identity(dump.path) != dump.identity) {
      throw Error("restore", dump.path,
                  "it changed while it was read; write the dump under another "
                  "name and rename it when it is complete");
    }
    return loading_ + ", " + size_text(size_now());
  }

  void run_all(const std::vector<Script>& all, ScriptSettings settings) {
    for (auto& [name, value] : settings) {
      if (name == "berth.generation") value = marker_.generation;
    }
    const auto run = [&](const char* step, bool assertions,
                         const Deadline& deadline) {
      std::vector<Script> some;
      for (const Script& script : all) {
        if (script.assertion == assertions) some.push_back(script);
      }
      run_scripts(some, target(settings, step), journal_, in_full_, deadline);
      return std::to_string(some.size()) +
             (assertions ? " assertions" : " scripts");
    };
    journal_.during("scrub", [&] {
      const Deadline deadline = context_.deadline("scrub");
      std::string done = run("scrub", false, deadline);
      const auto views =
          fill_materialized_views(target(settings, "scrub"), views_, journal_,
                                  in_full_, deadline);
      if (views > 0) {
        done += ", " + std::to_string(views) + " materialized views";
      }
      require_in_reach(*cluster_, loading_, application_.foreign_tables,
                       journal_);
      // Its locks would block VACUUM.
      require_none_left(*cluster_, loading_, "scrub");
      // Now, and not after a VACUUM of hours.
      require_all_seen("scrub");
      return done;
    });
    journal_.during("vacuum", [&] {
      vacuum_all(context_.deadline("vacuum"));
      return size_text(size_now());
    });
    journal_.during("assert", [&] {
      require_all_seen("assert");
      return run("assert", true, context_.deadline("assert")) +
             require_sane_size();
    });
  }

  // Only if there are scripts: without any, none can miss rows.
  void require_all_seen(const char* step) {
    if (scripted_) require_scripts_see_all(target({}, step), step);
  }

  ScriptTarget target(const ScriptSettings& settings, const char* step) {
    return {*cluster_, loading_, application_.restore_user,
            application_.owner, settings, step,
            roles_ ? &*roles_ : nullptr};
  }

  void vacuum_all(Deadline deadline) {
    vacuum(*cluster_, loading_, journal_, in_full_, deadline);
    require_no_old_statistics(target({}, "vacuum"), deadline);
  }

  // A dump of half the data restores without an error.
  std::string require_sane_size() {
    if (!newest_ || newest_->size <= 0) return "";
    const std::int64_t percent = size_now() * 100 / newest_->size;
    const std::string what = std::to_string(percent) + " % of generation " +
                             newest_->marker->generation;
    if (percent < application_.size_least ||
        percent > application_.size_most) {
      throw Error("assert", "the size of " + loading_,
                  size_text(size_now()) + " is " + what + "; allowed are " +
                      std::to_string(application_.size_least) + " to " +
                      std::to_string(application_.size_most) +
                      " % (size_least, size_most)");
    }
    return ", " + what;
  }

  std::int64_t size_now() {
    const auto found = cluster_->database(loading_);
    if (!found) throw Error("find", loading_, "it was dropped meanwhile");
    return found->size;
  }

  void publish() {
    journal_.begin("publish");
    require_all_seen("publish");
    roles_->require_unchanged("publish");
    live_->require_all("publish");
    log_role_changes();  // these do not stop the refresh
    // Not earlier, because its ANALYZE also calls the dump's functions.
    let_autovacuum(*cluster_, loading_, quieted_, context_.deadline("vacuum"));
    take_back(*cluster_, loading_, application_);
    const auto made = cluster_->database(loading_);
    if (!made || !cluster_->is_base(*made) || *made->marker != marker_) {
      throw Error("publish", loading_, "it is not the restored database");
    }
    size_ = made->size;
    context_.link.check();
    if (!context_.link.ask("commit")) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    context_.link.shield();
    cluster_->allow_connections(loading_, false);
    for (const Session& session : cluster_->cut_sessions(loading_)) {
      journal_.log("session ended: " + session.text);
    }
    // The last check: only a superuser can connect from now on.
    require_none_left(*cluster_, loading_, "publish");
    marker_.state = "ready";
    act_.commit_in_flight = true;
    try {
      publish_base(*cluster_, *made, loading_, marker_);
    } catch (const Away&) {
      throw;
    } catch (...) {
      act_.commit_in_flight = false;  // rolled back
      throw;
    }
    forget_baseline();
    journal_.end("publish", "done", loading_);
  }

  // The roles have no more privileges than the dump's SQL needs, and are as an
  // administrator has set them.
  void require_fit_roles() {
    require_no_powers(*cluster_, context_.config, application_.owner,
                      application_.restore_user);
    require_roles_undone();
  }

  // Throws unless the changes that earlier dumps made to the roles, also those
  // of other applications that share one, have been undone.
  void require_roles_undone() {
    baseline_.require_undone(*cluster_, context_.config,
                             login_of(target({}, "")));
  }

  // A failure does not fail the published refresh: the next refresh compares
  // the roles and tries again.
  void forget_baseline() {
    try {
      baseline_.forget(*cluster_, application_.owner,
                       login_of(target({}, "")));
    } catch (const Error& e) {
      journal_.log(e.what());
    }
  }

  // Returns whether one of the changes makes a refresh fail.
  bool log_role_changes() {
    bool refuses = false;
    std::size_t count = 0;
    for (const RoleChange& change : roles_->changes()) {
      if (++count <= kMostRoleLines) journal_.log(change.text);
      if (!change.in_full.empty()) {
        in_full_.write("roles", "previous value: " + change.in_full);
      }
      refuses = refuses || change.refuses;
    }
    if (count > kMostRoleLines) {
      journal_.log(std::to_string(count - kMostRoleLines) +
                   " more role changes");
    }
    return refuses;
  }

  // Role changes outlive the failed refresh.
  void report_role_changes() {
    try {
      if (!log_role_changes()) forget_baseline();
    } catch (const Error& e) {
      journal_.log("cannot compare the roles: " + std::string(e.what()));
    }
  }

  // Also where something else of the dump failed.
  void report_missing() {
    try {
      const auto missing = live_->missing();
      if (!missing.empty()) journal_.log(text_of_missing(missing));
    } catch (const Error& e) {
      journal_.log("live databases not compared: " + std::string(e.what()));
    }
  }

  void discard() {
    try {
      discard_loading(*cluster_, loading_, context_.job.id, journal_);
    } catch (const Error& e) {
      // The lock was lost with the connection, so tidy can drop it.
      journal_.log("tidy will remove it: " + std::string(e.what()));
    }
  }

  JobResult succeeded(const DatabaseMarker& made, const std::string& name,
                      std::int64_t size) const {
    JobResult out{.outcome = Outcome::succeeded, .committed = true};
    out.detail = "generation " + made.generation + " of " + application_.name;
    if (made.data_at) out.detail += ", dump of " + rfc3339(*made.data_at);
    out.base = MadeBase{made.generation, name, made.data_at, size};
    return out;
  }

  const Context& context_;
  Journal& journal_;
  Act& act_;
  const ApplicationConfig& application_;
  PrivateLog in_full_;
  RoleBaseline baseline_;
  std::optional<Cluster> cluster_;
  std::optional<Database> newest_;
  std::string loading_;    // the new generation; empty before its creation
  DatabaseMarker marker_;  // its marker
  ViewNames views_;        // its views to be filled
  bool scripted_ = false;  // whether there are scripts to run in it
  std::vector<Quieted> quieted_;  // its tables with autovacuum off
  std::optional<RoleWatch> roles_;  // since before the restore
  std::optional<LiveWatch> live_;   // as well
  std::int64_t size_ = 0;  // its size when it was published
};

}  // namespace

void refresh_job(const Context& context, Journal& journal,
                 const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act& act) {
    return Refresh(context, journal, act).run();
  });
}

}  // namespace berth::worker
