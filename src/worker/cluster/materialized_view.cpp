// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/materialized_view.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/clock.hpp"
#include "step/decoded.hpp"
#include "worker/cluster/row_security.hpp"
#include "worker/cluster/script_session.hpp"

namespace berth::worker {
namespace {

constexpr const char* kNotInThatState = "55000";  // "has not been populated"

struct View {
  std::string oid;
  std::string shown;  // "public.totals", quoted for SQL
  bool filled = false;
};

// A dump's list has a space for a line break, and has names in the encoding of
// the dump, which is also that of the database: names are compared as bytes.
constexpr const char* kViews =
    "SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relispopulated, "
    "encode(convert_to(translate(n.nspname, E'\\n\\r', '  '), e.name), 'hex'), "
    "encode(convert_to(translate(c.relname, E'\\n\\r', '  '), e.name), 'hex') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN (SELECT pg_encoding_to_char(encoding) AS name "
    "FROM pg_database WHERE datname = current_database()) e "
    "WHERE c.relkind = 'm' ORDER BY 2";

// The views, materialized or not, that each view reads.
constexpr const char* kReads =
    "SELECT DISTINCT r.ev_class, d.refobjid FROM pg_rewrite r "
    "JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass "
    "AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass "
    "AND d.refobjid <> r.ev_class "
    "JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('v', 'm')";

std::vector<View> views_to_fill(Connection& sql, const ViewNames& names) {
  std::set<std::pair<std::string, std::string>> wanted;
  for (const auto& [schema, name] : names) {
    wanted.emplace(to_hex(schema), to_hex(name));
  }
  std::vector<View> out;
  for (const Row& row : sql.query(kViews)) {
    const bool filled = cell_yes(row[2]);
    if (filled || wanted.contains({cell_text(row[3]), cell_text(row[4])})) {
      out.push_back({cell_text(row[0]), cell_text(row[1]), filled});
    }
  }
  return out;
}

// Orders views so that those that others read come first.
class Order {
 public:
  Order(Connection& sql, const std::vector<View>& views) {
    for (const View& view : views) views_[view.oid] = &view;
    for (const Row& row : sql.query(kReads)) {
      reads_[cell_text(row[0])].push_back(cell_text(row[1]));
    }
    for (const View& view : views) visit(view.oid);
  }
  std::vector<View> take() { return std::move(out_); }

 private:
  // Iterative, because views can read views to any depth.
  void visit(const std::string& first) {
    std::vector<std::pair<std::string, std::size_t>> open;
    if (seen_.insert(first).second) open.emplace_back(first, 0);
    while (!open.empty()) {
      const std::string oid = open.back().first;
      const auto& reads = reads_[oid];
      if (open.back().second < reads.size()) {
        const std::string& next = reads[open.back().second++];
        if (seen_.insert(next).second) open.emplace_back(next, 0);
        continue;
      }
      const auto view = views_.find(oid);
      if (view != views_.end()) out_.push_back(*view->second);
      open.pop_back();
    }
  }

  std::map<std::string, const View*> views_;
  std::map<std::string, std::vector<std::string>> reads_;
  std::set<std::string> seen_;
  std::vector<View> out_;
};

class Filling {
 public:
  Filling(const ScriptTarget& target, Report& report, PrivateLog& in_full,
          Deadline deadline)
      : target_(target),
        report_(report),
        in_full_(in_full),
        deadline_(deadline),
        sql_(script_session(target)) {}

  std::size_t run(const ViewNames& names) {
    std::vector<View> left = views_to_fill(sql_, names);
    if (left.empty()) return 0;
    left = Order(sql_, left).take();
    progress_.unit = "materialized views";
    progress_.done = 0;
    progress_.total = static_cast<std::int64_t>(left.size());
    sql_.run("RESET search_path");
    for (const View& view : left) {
      if (view.filled) require(view, refresh(view, " WITH NO DATA"));
    }
    while (!left.empty()) left = round(left);
    return static_cast<std::size_t>(*progress_.total);
  }

 private:
  // Fills what can be filled; returns the views that read one not yet filled.
  std::vector<View> round(const std::vector<View>& views) {
    std::vector<View> left;
    for (const View& view : views) {
      progress_.message = view.shown;
      report_.progress(progress_);
      const std::int64_t from = monotonic_ms();
      const Executed done = refresh(view, "");
      if (done.sqlstate == kNotInThatState &&
          (left.size() + 1 < views.size())) {
        left.push_back(view);
        continue;
      }
      require(view, done);
      report_.log("filled materialized view " + view.shown + " (" +
                  std::to_string(monotonic_ms() - from) + " ms)");
      progress_.done = *progress_.done + 1;
    }
    return left;
  }

  Executed refresh(const View& view, const std::string& how) {
    const Executed done = sql_.execute(
        "REFRESH MATERIALIZED VIEW " + view.shown + how, deadline_);
    for (const std::string& text : sql_.take_warnings()) {
      in_full_.write(target_.step, view.shown + " " + text);
    }
    return done;
  }

  void require(const View& view, const Executed& done) {
    if (done.sqlstate.empty()) return;
    in_full_.write(target_.step, view.shown + " " + done.words);
    std::string help;
    if (done.sqlstate == "42501") {
      if (const auto table = filtered_table(sql_, done.words)) {
        help = ": " + how_to_see_all(*table, login_of(target_), target_.role,
                                     true);
      }
    }
    throw Error("fill", "materialized view " + view.shown,
                "SQLSTATE " + sqlstate_text(done.sqlstate) + help +
                    "; PostgreSQL's message is in " + in_full_.name());
  }

  const ScriptTarget& target_;
  Report& report_;
  PrivateLog& in_full_;
  Deadline deadline_;
  Connection sql_;
  Progress progress_;
};

}  // namespace

std::size_t fill_materialized_views(const ScriptTarget& target,
                                    const ViewNames& names, Report& report,
                                    PrivateLog& in_full, Deadline deadline) {
  return Filling(target, report, in_full, deadline).run(names);
}

}  // namespace berth::worker
