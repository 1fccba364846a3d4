// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/tidy_plan.hpp"

#include "base/clock.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/tidy/retire.hpp"

namespace berth::worker {
namespace {

class Planner {
 public:
  Planner(const DatabaseNames& names, const std::string& role,
          const TidyFacts& facts)
      : names_(names), role_(role), facts_(facts) {}

  TidyPlan plan(const std::vector<Database>& databases) {
    for (const Database& d : databases) {
      try {
        visit(d);
      } catch (const Error& e) {
        // The marker leads to an impossible name; any owner of a database can
        // write one.
        problem(d, e.what());
      }
    }
    add(retired(ready_, facts_));
    add(drops_);
    return std::move(plan_);
  }

 private:
  void add(std::vector<Deed> deeds) {
    for (Deed& deed : deeds) plan_.deeds.push_back(std::move(deed));
  }
  void deed(Deed::What what, const Database& d, const std::string& why) {
    plan_.deeds.push_back({what, d, why});
  }
  void problem(const Database& d, const std::string& text) {
    plan_.problems.push_back(printable(d.name) + ": " + text);
  }
  void orphan(const Database& d, const std::string& reason,
              const char* kind = "database") {
    plan_.orphans.push_back({kind, printable(d.name), printable(reason, 400),
                             d.size});
  }
  bool in_work(const Database& d) const {
    return d.marker->job > 0 && facts_.needs.active.contains(d.marker->job);
  }
  bool invalid(const Database& d) const { return d.connection_limit == -2; }

  void visit(const Database& d) {
    const char kind = names_.kind_of(d.name);
    if (d.marker && d.marker->site != names_.site()) {
      if (kind != 0) {
        problem(d, "has a Berth name, but the marker of another site");
      }
      return;
    }
    if (kind == 0) return visit_other(d);
    if (!d.marker && !d.comment.empty()) {
      // The comment is not shown, because SQL of a dump can write it.
      return orphan(d, "has a Berth name, but a comment Berth did not write",
                    "commented");
    }
    if (kind == 's') visit_copy(d);
    if (kind == 'b') visit_base(d);
    if (kind == 't') visit_trash(d);
  }

  void visit_other(const Database& d) {
    if (!d.marker) return;
    if (d.marker->kind == "live") return visit_live(d);
    problem(d, "has Berth's marker of a " + d.marker->kind +
                   ", but not a Berth name; it is left alone");
  }

  void visit_live(const Database& d) {
    const DatabaseMarker& m = *d.marker;
    if (invalid(d)) {
      return orphan(d, "is invalid, because a DROP of it was interrupted; it "
                       "can only be dropped");
    }
    if (!d.allow_connections) {
      deed(Deed::What::open, d, "was left closed to connections");
    }
    const ApplicationConfig* application =
        application_on(facts_.config, facts_.cluster, m.application);
    if (!application) {
      unexplained(d, "is of application " + m.application +
                         ", which berth.conf does not assign to this cluster");
    } else if (!is_server_name(m.server) ||
               application->database_on(m.server) != d.name) {
      unexplained(d, "is marked for " + m.application + " on " +
                         m.server +
                         ", whose database has another name in berth.conf");
    } else if (facts_.servers && !facts_.servers->contains(m.server)) {
      unexplained(d, "is of server " + m.server + ", which no host has");
    }
  }

  // berth.conf can have a wrong cluster, and an owner can write a marker. What
  // a server uses is no orphan for that.
  void unexplained(const Database& d, const std::string& why) {
    const InUse* used = facts_.user_of(d.name, d.oid);
    if (!used) {
      orphan(d, why);
      plan_.orphans.back().oid = d.oid;
      return;
    }
    problem(d, printable(why, 400) + "; it is left alone, because " +
                   used->server + " uses it; correct berth.conf, or build " +
                   used->server + " with other data");
  }

  void visit_copy(const Database& d) {
    if (!d.marker) {
      return deed(Deed::What::discard_copy, d, "was never marked");
    }
    const DatabaseMarker& m = *d.marker;
    std::string stem = names_.copy(m.application, m.generation, 0);
    stem.pop_back();
    if (m.kind != "spare" || !d.name.starts_with(stem)) {
      return orphan(d, "has the name of a copy, but its marker says " +
                           m.kind + " of " + m.application + ", generation " +
                           m.generation);
    }
    if (!is_waiting(d, names_, role_)) {
      if (in_work(d)) return;
      deed(Deed::What::discard_copy, d,
           invalid(d) ? "is invalid" : "is unused, its job is over");
    } else if (!application_on(facts_.config, facts_.cluster,
                               m.application)) {
      orphan(d, "is a spare of application " + m.application +
                    ", which berth.conf does not assign to this cluster");
    } else {
      tell_collation(d);
      ready_.spares.push_back(d);
    }
  }

  void visit_base(const Database& d) {
    if (!d.marker) {
      if (d.owner != role_ || d.published()) {
        return orphan(d, "has the name of a base, but no marker, and is "
                         "owned by " + d.owner);
      }
      // A refresh between CREATE and COMMENT; it holds the lock as well.
      if (facts_.needs.refreshing) return;
      return deed(Deed::What::discard_base, d, "was never marked");
    }
    const DatabaseMarker& m = *d.marker;
    if (d.owner != role_) {
      return orphan(d, "has the name and marker of a base, but is owned by " +
                           d.owner);
    }
    if (!is_base(d, names_, role_)) {
      return orphan(d, "has the name of a base, but its marker says " +
                           m.kind + " of " + m.application + ", generation " +
                           m.generation);
    }
    if (m.state != "ready") {
      if (in_work(d)) return;
      deed(Deed::What::discard_base, d, "is incomplete, its job is over");
    } else if (invalid(d)) {
      deed(Deed::What::discard_base, d, "is invalid");
    } else if (!application_on(facts_.config, facts_.cluster,
                               m.application)) {
      orphan(d, "is a base of application " + m.application +
                    ", which berth.conf does not assign to this cluster");
    } else {
      tell_collation(d);
      ready_.bases.push_back(d);
    }
  }

  void visit_trash(const Database& d) {
    if (!is_marked(d, names_, "trash") ||
        names_.trash_oid(d.name) != d.oid) {
      return orphan(d, "has the name of Berth's trash, but its marker or OID "
                       "(" + std::to_string(d.oid) + ") does not match");
    }
    const DatabaseMarker& m = *d.marker;
    if (!m.undo_until) {
      return orphan(d, "is trash without the time until which it is kept");
    }
    if (d.owner != role_ && !d.ours_to_alter) {
      return orphan(d, "is marked as Berth's trash, but owned by " + d.owner);
    }
    seal_if_open(d, m);
    const bool needed =
        !m.server.empty() && facts_.needs.servers.contains(m.server);
    if (*m.undo_until > facts_.now || (needed && !invalid(d))) return;
    drops_.push_back({Deed::What::drop, d, "is past its time"});
  }

// Trash whose owner can write its marker proves nothing, and a time beyond the
// limit is forged or was written by a wrong clock.
  void seal_if_open(const Database& d, const DatabaseMarker& m) {
    const ApplicationConfig* application =
        application_on(facts_.config, facts_.cluster, m.application);
    const std::int64_t longest = application
                                     ? application->longest_undo
                                     : ApplicationConfig{}.longest_undo;
    std::string why;
    if (d.owner != role_) {
      why = "was owned by " + d.owner;
    } else if (d.allow_connections && !invalid(d)) {
      why = "accepted connections";
    } else if (d.is_template && !invalid(d)) {
      why = "was a template";
    } else if (d.in_use && !invalid(d)) {
      // A tidy was killed after closing it and before ending the sessions.
      why = "still had sessions";
    } else if (*m.undo_until > facts_.now + longest) {
      why = "was marked to be kept until " + rfc3339(*m.undo_until);
    }
    if (why.empty()) return;
    deed(Deed::What::seal, d, why);
    plan_.deeds.back().longest = longest;
  }

  void tell_collation(const Database& d) {
    if (!d.collation_differs) return;
    problem(d, "the system's collations have changed since it was created, so "
               "PostgreSQL refuses to copy it; create a new one with: "
               "berthctl refresh " + d.marker->application);
  }

  const DatabaseNames& names_;
  const std::string& role_;
  const TidyFacts& facts_;
  Ready ready_;
  std::vector<Deed> drops_;  // done last, because they take time
  TidyPlan plan_;
};

}  // namespace

TidyPlan plan_tidy(const std::vector<Database>& databases,
                   const DatabaseNames& names, const std::string& role,
                   const TidyFacts& facts) {
  return Planner(names, role, facts).plan(databases);
}

}  // namespace berth::worker
