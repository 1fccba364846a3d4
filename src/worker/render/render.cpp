// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/render/render.hpp"

#include <ctemplate/template.h>
#include <ctemplate/template_modifiers.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "worker/render/marker.hpp"

namespace berth::worker {
namespace {

using Quote = std::string (*)(const SetValue&);

const std::map<std::string, Quote, std::less<>>& modifiers() {
  static const std::map<std::string, Quote, std::less<>> all = {
      {"x-python", quote_python},
      {"x-apache", quote_apache},
      {"x-shell", quote_shell}};
  return all;
}

// ctemplate passes a modifier only text, but quoting needs the type of the
// value. The dictionary therefore contains the index of the value, and the
// modifier looks it up. A marker that escaped Berth's own parser would write an
// index, never a value without quotes.
const std::vector<SetValue>* current_values = nullptr;

class QuoteModifier : public ctemplate::TemplateModifier {
 public:
  explicit QuoteModifier(Quote quote) : quote_(quote) {}
  void Modify(const char* in, size_t size, const ctemplate::PerExpandData*,
              ctemplate::ExpandEmitter* out,
              const std::string&) const override {
    const std::size_t number = std::stoul(std::string(in, size));
    out->Emit(quote_(current_values->at(number)));
  }

 private:
  Quote quote_;
};

void register_modifiers() {
  static bool done = false;
  if (done) return;
  for (const auto& [name, quote] : modifiers()) {
    // ctemplate keeps the pointer for the life of the process.
    static std::vector<std::unique_ptr<QuoteModifier>> kept;
    kept.push_back(std::make_unique<QuoteModifier>(quote));
    if (!ctemplate::AddModifier(name.c_str(), kept.back().get())) {
      throw Error("register", "modifier " + name, "ctemplate rejects it");
    }
  }
  done = true;
}

[[noreturn]] void refuse_template(const Template& source, unsigned line,
                                  const std::string& why) {
  throw Error("render", source.file + ":" + std::to_string(line), why);
}

void check(const Template& source, const Marker& marker,
           const Variables& variables) {
  const std::string shown = "{{" + one_line(marker.inside, 80) + "}}";
  if (!marker.problem.empty())
    refuse_template(source, marker.line, marker.problem);
  const auto value = variables.find(marker.name);
  if (value == variables.end()) {
    const bool set = variables.count("set." + marker.name) > 0;
    const bool guest = marker.name.starts_with("guest.");
    refuse_template(source, marker.line,
                    shown + ": unknown variable" +
                        (set ? "; did you mean set." + marker.name + "?"
                         : guest ? "; guest.user and guest.group come from "
                                   "guest/APP.json next to berth.conf"
                                 : ""));
  }
  const auto modifier = modifiers().find(marker.modifier);
  if (modifier == modifiers().end()) {
    refuse_template(
        source, marker.line,
        shown + ": must end in one of :x-python, :x-apache, :x-shell");
  }
  try {
    const std::string quoted = modifier->second(value->second);
    const std::size_t line = source.text.rfind('\n', marker.begin) + 1;
    if (quoted.find('\n') != std::string::npos &&
        !may_span_lines(std::string_view(source.text)
                            .substr(line, marker.begin - line))) {
      throw std::invalid_argument(
          "contains line breaks and follows a #: its second line would not "
          "be a comment");
    }
  } catch (const std::invalid_argument& e) {
    refuse_template(source, marker.line,
                    "the value of " + shown + " " + e.what());
  }
}

}  // namespace

std::string render(const Template& source, const Variables& variables) {
  register_modifiers();
  ctemplate::TemplateDictionary dictionary("berth");
  std::vector<SetValue> values;
  std::string text;
  std::size_t copied = 0;
  // ctemplate allows no dots in names: each marker gets a name of its own.
  for (const Marker& marker : find_markers(source.text)) {
    check(source, marker, variables);
    const std::string number = std::to_string(values.size());
    values.push_back(variables.at(marker.name));
    dictionary.SetValue("V" + number, number);
    text += source.text.substr(copied, marker.begin - copied);
    text += "{{V" + number + ":" + marker.modifier + "}}";
    copied = marker.end;
  }
  text += source.text.substr(copied);
  if (values.empty()) return text;
  const std::unique_ptr<ctemplate::Template> parsed(
      ctemplate::Template::StringToTemplate(text, ctemplate::DO_NOT_STRIP));
  std::string out;
  current_values = &values;
  const bool good = parsed && parsed->Expand(&out, &dictionary);
  current_values = nullptr;
  if (!good) refuse_template(source, 1, "ctemplate cannot parse it");
  return out;
}

std::vector<RenderedFile> render_all(const std::vector<Template>& templates,
                                     const Variables& variables) {
  std::vector<RenderedFile> out;
  for (const Template& source : templates) {
    out.push_back({source.path, render(source, variables)});
  }
  return out;
}

Variables variables_of(const ApplicationConfig& application,
                       const Facts& facts, const Secrets& secrets) {
  Variables out = {
      {"server", facts.server},
      {"application", application.name},
      {"path", facts.path},
      {"revision", facts.revision},
      {"url", application.url_on(facts.server)},
      {"root", application.root},
      {"current", application.root + "/current"},
      {"slot", application.root + "/" + facts.slot},
      {"job", facts.job},
  };
  if (!facts.guest_user.empty()) {
    out["guest.user"] = facts.guest_user;
    out["guest.group"] = facts.guest_group;
  }
  if (!application.cluster.empty()) {
    out["database.host"] = facts.cluster_host;
    out["database.port"] = facts.cluster_port;
    out["database.name"] = facts.database;
    out["database.user"] = application.owner;
    out["database.generation"] = facts.generation;
  }
  for (const auto& [name, value] : application.set) out["set." + name] = value;
  for (const auto& [name, value] : secrets) out["secret." + name] = value;
  return out;
}

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
