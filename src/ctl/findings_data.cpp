// SPDX-License-Identifier: GPL-2.0-or-later
// check_data() of ctl/findings.hpp. The rules for scripts are those of
// worker/cluster/script.hpp; there a file that breaks one fails the nightly
// refresh, here it is reported in advance.
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/findings.hpp"
#include "store/cluster_state.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

struct Scripts {
  int scripts = 0;
  int assertions = 0;
};

class LookAtData {
 public:
  LookAtData(const Config& config, const Owners& owners)
      : config_(config), owners_(owners) {}

  Findings all() {
    for (const auto& [name, application] : config_.applications) {
      scripts("claim", name);
      const Scripts scrub = scripts("scrub", name);
      if (!application.dump.empty()) dump(application, scrub);
    }
    for (const auto& [name, cluster] : config_.clusters) spares(cluster);
    return std::move(findings_);
  }

 private:
  void problem(const std::string& path, const std::string& text) {
    findings_.push_back({true, path + ": " + text});
  }
  void note(const std::string& path, const std::string& text) {
    findings_.push_back({false, path + ": " + text});
  }

  // A script that others may write would let them run SQL with berth's rights.
  bool trusted(const std::string& path, const struct stat& st) {
    if (st.st_uid != owners_.admin) {
      problem(path, "belongs to uid " + std::to_string(st.st_uid) +
                        ", not to root; chown it");
    } else if ((st.st_mode & 022) != 0) {
      problem(path, "group or others may write to it; chmod go-w");
    } else {
      return true;
    }
    return false;
  }

  Scripts scripts(const std::string& kind, const std::string& application) {
    Scripts found;
    const std::string path = config_.folder + "/" + kind + "/" + application;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return found;
    try {
      if (!trusted(path, status)) return found;
      const Dir folder(path);
      for (const auto& name : folder.names()) {
        if (name == "README" || name.front() == '.' || name.back() == '~') {
          continue;
        }
        script(folder, name, found);
      }
    } catch (const Error& error) {
      problem(path, error.cause());
    }
    return found;
  }

  void script(const Dir& folder, const std::string& name, Scripts& found) {
    const std::string path = folder.path_of(name);
    const auto kind = script_kind(name);
    if (!kind) {
      return problem(path, "not a script; name it NN-name.sql or "
                           "NN-name.assert.sql, or move it elsewhere");
    }
    const auto status = folder.stat(name);
    if (!status) return;
    if (!S_ISREG(status->st_mode)) {
      return problem(path, "not a regular file; replace it by the file itself");
    }
    const bool by_group = owners_.runner_group &&
                          status->st_gid == *owners_.runner_group &&
                          (status->st_mode & 040) != 0;
    if (!trusted(path, *status)) return;
    if ((status->st_mode & 004) == 0 && !by_group) {
      return problem(path, "berth cannot read it; chmod a+r");
    }
    ++(*kind == ScriptKind::assertion ? found.assertions : found.scripts);
  }

  void dump(const ApplicationConfig& application, const Scripts& scrub) {
    const std::string path = config_.folder + "/scrub/" + application.name;
    if (application.require_assertions && scrub.assertions == 0) {
      problem(path, "require_assertions is set but there is no "
                    "NN-name.assert.sql: every refresh of " +
                        application.name + " fails; write one");
    }
    if (scrub.scripts == 0) {
      note(path, "no scripts: a refresh of " + application.name +
                     " copies the dump unscrubbed to every server, people's "
                     "addresses included");
    } else if (scrub.assertions == 0 && !application.require_assertions) {
      note(path, "no NN-name.assert.sql: nothing proves that the scripts "
                 "scrub all personal data");
    }
    if (!application.dump.starts_with('/')) return;
    struct stat status {};
    if (::stat(application.dump.c_str(), &status) != 0) {
      note(application.dump, "no such file: a refresh of " +
                                 application.name + " fails until it exists");
    }
  }

  // Nothing if berthd has not published a state of that cluster yet.
  std::optional<ClusterState> last_seen(const std::string& cluster) {
    const std::string folder = Layout(config_.paths).state;
    struct stat there {};
    if (::stat(folder.c_str(), &there) != 0) return std::nullopt;
    return read_cluster_state(State(folder), cluster);
  }

  // The configured spares must fit the cluster's limit and its disk.
  void spares(const ClusterConfig& cluster) {
    const ClusterState last = last_seen(cluster.name).value_or(ClusterState{});
    std::map<std::string, std::int64_t> size;  // of the newest generation
    std::map<std::string, int> ready;
    for (const auto& base : last.bases) {
      size.emplace(base.application, base.size);  // the newest is first
    }
    for (const auto& count : last.spares) {
      ready.emplace(count.application, count.ready);
    }
    int wanted = 0;
    std::int64_t missing = 0;
    for (const auto& [name, application] : config_.applications) {
      if (application.cluster != cluster.name) continue;
      wanted += application.spares;
      missing += std::max(0, application.spares - ready[name]) * size[name];
    }
    const std::string where = "cluster " + cluster.name;
    if (wanted > cluster.spares) {
      note(where, "its applications have " + std::to_string(wanted) +
                      " `spares` in all, but the cluster's `spares` allows " +
                      std::to_string(cluster.spares));
    }
    if (last.free_bytes && missing > 0 &&
        *last.free_bytes - missing < cluster.disk_floor) {
      note(where, "no room for the configured spares: they need " +
                      std::to_string(missing >> 20) + " MiB, but only " +
                      std::to_string(*last.free_bytes >> 20) +
                      " MiB are free and `disk_floor` reserves " +
                      std::to_string(cluster.disk_floor >> 20) + " MiB");
    }
  }

  const Config& config_;
  const Owners& owners_;
  Findings findings_;
};

}  // namespace

Findings check_data(const Config& config, const Owners& owners) {
  return LookAtData(config, owners).all();
}

}  // namespace berth::ctl
