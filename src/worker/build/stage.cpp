// SPDX-License-Identifier: GPL-2.0-or-later
// The step `render`.
#include "base/tar.hpp"
#include "worker/build/build_steps.hpp"
#include "worker/render/variables.hpp"

namespace berth::worker {
namespace {

void stage(const Context& context, const std::vector<RenderedFile>& files,
           const char* set, Guest& guest, Report& report) {
  std::vector<TarFile> members;
  json::array list;
  for (const RenderedFile& file : files) {
    members.push_back({file.path, file.text});
    // The files contain secrets: only the group in guest.conf may read them.
    list.push_back({{"path", file.path}, {"mode", "0640"}});
  }
  const std::string tar = make_tar(members);
  guest.call("stage",
             {{"application", context.application.name},
              {"set", set},
              {"tar_bytes", tar.size()},
              {"files", list}},
             report, context.deadline("render"), tar);
}

}  // namespace

StepDone render_files(const Context& context, const Plan& plan, Guest& guest,
                      Report& report) {
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  if (templates_digest(templates) != plan.templates) {
    throw Error("render", "templates of " + context.application.name,
                "they were changed while the build ran; build again");
  }
  if (templates.empty()) return {"no templates", nullptr};
  const auto files =
      render_all(templates, variables_for(context, plan, plan.live));
  if (context.wants_database()) {
    stage(context,
          render_all(templates, variables_for(context, plan, plan.copy)),
          "prepare", guest, report);
  }
  stage(context, files, "switch", guest, report);
  for (const RenderedFile& file : files) report.log("/" + file.path);
  return {std::to_string(files.size()) + " files", nullptr};
}

}  // namespace berth::worker
