// SPDX-License-Identifier: GPL-2.0-or-later
// Renders the files of a build. The templates are in templates/APP/ next to
// berth.conf, a tree that mirrors the guest's root:
// `etc/apache2/sites-available/shop.conf.tpl` becomes
// `etc/apache2/sites-available/shop.conf` there. Only names ending in .tpl are
// templates; README and names that start with `.` or end in `~` are skipped.
// Any other file is refused, because it would not arrive on the guest.
//
// A template is text with markers {{NAME:MODIFIER}} and nothing else between
// double braces. ctemplate itself renders a misspelt name as nothing and a
// misspelt x- modifier as no quoting, so Berth checks every marker first. It
// refuses, with file and line, an unknown NAME, a missing or unknown modifier,
// more than one, sections, includes, comments, pragmas, changed delimiters, and
// values that the modifier cannot write safely.
//
//   NAME      server application path revision url root current slot job
//             database.host database.port database.name database.user
//             database.generation
//             secret.NAME   the file secrets/APP/NAME
//             set.NAME      [application.APP.set]; keeps its type
//             guest.user guest.group   guest/APP.json: owner and group of a
//                           site's files and processes
//   MODIFIER  x-python x-apache x-shell     (base/quote.hpp)
//
// root, slot and current are absolute folders on the guest: ROOT, ROOT/a or
// ROOT/b, ROOT/current. A plain {{NAME}} for a `set` value was rejected: a new
// variable of Berth's would silently change the meaning of an old template.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.hpp"
#include "step/mask.hpp"

namespace berth::worker {

struct Template {
  std::string path;  // on the guest, relative to its root, without .tpl
  std::string file;  // that it was read from, for messages
  std::string text;
};

struct RenderedFile {
  std::string path;
  std::string text;
};

using Variables = std::map<std::string, SetValue>;

// Ordered by path; empty when the application has no folder. Throws Error.
std::vector<Template> read_templates(const std::string& config_folder,
                                     const std::string& application);
// The `templates` of a configuration: changes with any byte or name.
std::string templates_digest(const std::vector<Template>& templates);

// Throws Error("render", "FILE:LINE", why).
std::string render(const Template& source, const Variables& variables);
std::vector<RenderedFile> render_all(const std::vector<Template>& templates,
                                     const Variables& variables);

// The values of one build.
struct Facts {
  std::string server, path, revision, slot;  // slot: "a" or "b"
  std::int64_t job = 0;
  std::string guest_user, guest_group;  // empty: unknown
  std::string database;     // the name that the site must connect to
  std::string generation;
  std::string cluster_host, cluster_port;
};
Variables variables_of(const ApplicationConfig& application,
                       const Facts& facts, const Secrets& secrets);

}  // namespace berth::worker
