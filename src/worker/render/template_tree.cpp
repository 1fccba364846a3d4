// SPDX-License-Identifier: GPL-2.0-or-later
// read_templates() and templates_digest() of worker/render/render.hpp.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/render/render.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestTemplate = 1 << 20;
constexpr std::size_t kMostTemplates = 200;  // the limit of berth-guest
constexpr int kDeepest = 16;

void read_folder(const Dir& folder, const std::string& prefix, int depth,
                 std::vector<Template>& out) {
  if (depth > kDeepest) {
    throw Error("read", folder.path(), "folders are nested too deep");
  }
  for (const std::string& name : folder.names()) {
    if (name.front() == '.' || name.back() == '~' || name == "README") continue;
    const auto status = folder.stat(name);
    if (!status) continue;
    const std::string file = folder.path_of(name);
    if (S_ISDIR(status->st_mode)) {
      read_folder(Dir(folder, name), prefix + name + "/", depth + 1, out);
      continue;
    }
    if (!S_ISREG(status->st_mode) || !name.ends_with(".tpl") ||
        name.size() == 4) {
      throw Error("read", file,
                  "not a template: name it *.tpl, or move it elsewhere");
    }
    const auto text = folder.read(name, kLargestTemplate);
    if (!text) continue;
    if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
      throw Error("read", file, "it is not UTF-8 text");
    }
    if (out.size() >= kMostTemplates) {
      throw Error("read", file, "there are more than 200 templates");
    }
    out.push_back({prefix + name.substr(0, name.size() - 4), file, *text});
  }
}

}  // namespace

std::vector<Template> read_templates(const std::string& config_folder,
                                     const std::string& application) {
  std::vector<Template> out;
  const std::string path = config_folder + "/templates/" + application;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return out;
    throw_errno("look for", path);
  }
  read_folder(Dir(path), "", 0, out);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.path < b.path;
  });
  return out;
}

std::string templates_digest(const std::vector<Template>& templates) {
  std::string all;
  for (const Template& source : templates) {
    all += source.path + '\0' + std::to_string(source.text.size()) + '\0' +
           source.text;
  }
  return fingerprint(all);
}

}  // namespace berth::worker
