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
        // A marker that leads to an impossible name: anybody who owns a
        // database can write one.
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
        problem(d, "has a name of ours, but the marker of another site");
      }
      return;
    }
    if (kind == 0) return visit_other(d);
    if (!d.marker && !d.comment.empty()) {
      // Its words, which SQL of a dump can write, would be in a log.
      return orphan(d, "has a name of ours, but a comment that is none",
                    "commented");
    }
    if (kind == 's') visit_copy(d);
    if (kind == 'b') visit_base(d);
    if (kind == 't') visit_trash(d);
  }

  void visit_other(const Database& d) {
    if (!d.marker) return;
    if (d.marker->kind == "live") return visit_live(d);
    problem(d, "carries our marker of a " + d.marker->kind +
                   ", but no name of ours; it is left alone");
  }

  void visit_live(const Database& d) {
    const DatabaseMarker& m = *d.marker;
    if (invalid(d)) {
      return orphan(d, "is invalid, a DROP of it was interrupted; only "
                       "dropping it helps");
    }
    if (!d.allow_connections) {
      deed(Deed::What::open, d, "was left without connections");
    }
    const ApplicationConfig* application =
        application_on(facts_.config, facts_.cluster, m.application);
    if (!application) {
      orphan(d, "is of application " + m.application +
                    ", which is not on this cluster by berth.conf");
    } else if (!is_server_name(m.server) ||
               application->database_on(m.server) != d.name) {
      orphan(d, "says that it is of " + m.application + " on " + m.server +
                    ", whose database has another name by berth.conf");
    } else if (facts_.servers && !facts_.servers->contains(m.server)) {
      orphan(d, "is of server " + m.server + ", which no host has");
    }
  }

  void visit_copy(const Database& d) {
    if (!d.marker) {
      return deed(Deed::What::discard_copy, d, "was never marked");
    }
    const DatabaseMarker& m = *d.marker;
    std::string stem = names_.copy(m.application, m.generation, 0);
    stem.pop_back();
    if (m.kind != "spare" || !d.name.starts_with(stem)) {
      return orphan(d, "has a copy's name, but its marker says " + m.kind +
                           " of " + m.application + ", generation " +
                           m.generation);
    }
    if (!is_waiting(d, names_, role_)) {
      if (in_work(d)) return;
      deed(Deed::What::discard_copy, d,
           invalid(d) ? "is invalid" : "is nobody's, its job is over");
    } else if (!application_on(facts_.config, facts_.cluster,
                               m.application)) {
      orphan(d, "is a spare of application " + m.application +
                    ", which is not on this cluster by berth.conf");
    } else {
      tell_collation(d);
      ready_.spares.push_back(d);
    }
  }

  void visit_base(const Database& d) {
    if (!d.marker) {
      if (d.owner != role_ || d.published()) {
        return orphan(d, "has a base's name and no marker, and belongs to " +
                             d.owner);
      }
      // Between CREATE and COMMENT of a refresh; it holds the lock as well.
      if (facts_.needs.refreshing) return;
      return deed(Deed::What::discard_base, d, "was never marked");
    }
    const DatabaseMarker& m = *d.marker;
    if (d.owner != role_) {
      return orphan(d, "has a base's name and marker, but belongs to " +
                           d.owner);
    }
    if (!is_base(d, names_, role_)) {
      return orphan(d, "has a base's name, but its marker says " + m.kind +
                           " of " + m.application + ", generation " +
                           m.generation);
    }
    if (m.state != "ready") {
      if (in_work(d)) return;
      deed(Deed::What::discard_base, d, "is half made, its job is over");
    } else if (invalid(d)) {
      deed(Deed::What::discard_base, d, "is invalid");
    } else if (!application_on(facts_.config, facts_.cluster,
                               m.application)) {
      orphan(d, "is a base of application " + m.application +
                    ", which is not on this cluster by berth.conf");
    } else {
      tell_collation(d);
      ready_.bases.push_back(d);
    }
  }

  void visit_trash(const Database& d) {
    if (!is_marked(d, names_, "trash") ||
        names_.trash_oid(d.name) != d.oid) {
      return orphan(d, "has a name of our trash, but not the marker or the "
                       "OID (" + std::to_string(d.oid) + ") that goes with "
                       "it");
    }
    const DatabaseMarker& m = *d.marker;
    if (!m.undo_until) {
      return orphan(d, "is trash that does not say until when it is kept");
    }
    if (d.owner != role_ && !d.ours_to_alter) {
      return orphan(d, "is marked as our trash, but belongs to " + d.owner);
    }
    seal_if_open(d, m);
    const bool needed =
        !m.server.empty() && facts_.needs.servers.contains(m.server);
    if (*m.undo_until > facts_.now || (needed && !invalid(d))) return;
    drops_.push_back({Deed::What::drop, d, "is past its time"});
  }

  // What its owner can write proves nothing, and a time beyond what is given to
  // anybody is a forgery or a clock that was wrong.
  void seal_if_open(const Database& d, const DatabaseMarker& m) {
    const ApplicationConfig* application =
        application_on(facts_.config, facts_.cluster, m.application);
    const std::int64_t longest = application
                                     ? application->longest_undo
                                     : ApplicationConfig{}.longest_undo;
    std::string why;
    if (d.owner != role_) {
      why = "belonged to " + d.owner;
    } else if (d.allow_connections && !invalid(d)) {
      why = "took connections";
    } else if (d.is_template && !invalid(d)) {
      why = "was a template";
    } else if (d.in_use && !invalid(d)) {
      // A tidy that was killed had closed it and not yet cut who was inside.
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
    problem(d, "the system's collations have changed since it was made; "
               "PostgreSQL copies it no more: berthctl refresh " +
                   d.marker->application + " makes a new one");
  }

  const DatabaseNames& names_;
  const std::string& role_;
  const TidyFacts& facts_;
  Ready ready_;
  std::vector<Deed> drops_;  // last: they take time
  TidyPlan plan_;
};

}  // namespace

TidyPlan plan_tidy(const std::vector<Database>& databases,
                   const DatabaseNames& names, const std::string& role,
                   const TidyFacts& facts) {
  return Planner(names, role, facts).plan(databases);
}

}  // namespace berth::worker
