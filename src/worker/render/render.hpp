// SPDX-License-Identifier: GPL-2.0-or-later
// The rendered files of one build: templates/APP/ beside berth.conf, a tree
// that mirrors the guest's root. `etc/apache2/sites-available/shop.conf.tpl`
// becomes `etc/apache2/sites-available/shop.conf` there. Only names ending in
// .tpl are templates; names that start with `.` or end in `~` and README are
// passed over, anything else is refused, because it would not arrive.
//
// A template is text with markers {{NAME:MODIFIER}} and nothing else between
// double braces. ctemplate alone lets a misspelt name through as nothing and
// a misspelt x- modifier as no quoting at all, so Berth reads every marker
// itself first. Refused, with file and line: an unknown NAME, a missing or
// unknown modifier, more than one, sections, includes, comments, pragmas,
// changed delimiters, values that the modifier cannot write safely.
//
//   NAME      server application path revision url root current slot job
//             database.host database.port database.name database.user
//             database.generation
//             secret.NAME   the file secrets/APP/NAME
//             set.NAME      [application.APP.set]; keeps its type
//             guest.user guest.group   guest/APP.json: whose a site's files
//                           and processes are
//   MODIFIER  x-python x-apache x-shell     (base/quote.hpp)
//
// root, slot and current are absolute folders on the guest: ROOT, ROOT/a or
// ROOT/b, ROOT/current. A plain {{NAME}} for a `set` value was rejected: a new
// variable of Berth's would silently change what an old template says.
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
  std::string file;  // where it was read from, for messages
  std::string text;
};

struct RenderedFile {
  std::string path;
  std::string text;
};

using Variables = std::map<std::string, SetValue>;

// In order of path; empty when the application has no folder. Throws Error.
std::vector<Template> read_templates(const std::string& config_folder,
                                     const std::string& application);
// The configuration's `templates`: changes when a byte or a name does.
std::string templates_digest(const std::vector<Template>& templates);

// Throws Error("render", "FILE:LINE", why).
std::string render(const Template& source, const Variables& variables);
std::vector<RenderedFile> render_all(const std::vector<Template>& templates,
                                     const Variables& variables);

// What a build says about itself.
struct Facts {
  std::string server, path, revision, slot;  // slot: "a" or "b"
  std::int64_t job = 0;
  std::string guest_user, guest_group;  // empty: not known here
  std::string database;     // the name the site shall connect to
  std::string generation;
  std::string cluster_host, cluster_port;
};
Variables variables_of(const ApplicationConfig& application,
                       const Facts& facts, const Secrets& secrets);

}  // namespace berth::worker
