// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/preview.hpp"

#include "store/preview.hpp"
#include "worker/build/build_steps.hpp"
#include "worker/build/comparison.hpp"
#include "worker/guest/guest_files.hpp"
#include "worker/job/act.hpp"
#include "worker/render/variables.hpp"

namespace berth::worker {
namespace {

struct Rendered {
  std::vector<RenderedFile> files;
  std::vector<RenderedFile> outlines;  // the same without secrets
};

Rendered render_both(const Context& context, const Plan& plan) {
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  const Variables variables = variables_for(context, plan, plan.live);
  return {render_all(templates, variables),
          render_all(templates, without_secrets(variables))};
}

PreviewFile compare(const Context& context, const RenderedFile& rendered,
                    const std::string& outline, const GuestFile& on_guest,
                    const Mask& known, Deadline deadline) {
  const GuestMask mask(known, outline);
  PreviewFile out;
  out.path = rendered.path;
  out.mode = on_guest.mode;
  out.owner = on_guest.owner;
  out.left_out = on_guest.left_out;
  out.state = !on_guest.there ? "new"
              : on_guest.left_out.empty() && on_guest.text == rendered.text
                  ? "same"
                  : "changed";
  out.text = shown_text(rendered.text, mask);
  if (out.left_out.empty()) {
    out.diff = shown_diff(rendered.path, on_guest.there, on_guest.text,
                          rendered.text, mask, context.link, deadline);
  }
  if (out.left_out.empty() && (!out.text || !out.diff)) {
    out.left_out = "it is too long to show";
  }
  return out;
}

Preview preview_of(const Context& context, const Plan& plan) {
  Preview out;
  out.job = context.job.id;
  out.server = context.job.server;
  out.application = context.application.name;
  out.path = plan.path;
  out.revision = plan.revision;
  out.generation = plan.generation;
  out.at = wall_now();
  return out;
}

// "3 files, 1 new, 1 changed".
std::string summary(const Preview& preview) {
  std::size_t fresh = 0, changed = 0;
  for (const auto& file : preview.files) {
    fresh += file.state == "new";
    changed += file.state == "changed";
  }
  std::string out = std::to_string(preview.files.size()) + " files";
  if (fresh > 0) out += ", " + std::to_string(fresh) + " new";
  if (changed > 0) out += ", " + std::to_string(changed) + " changed";
  return out + (fresh + changed == 0 ? ", all unchanged" : "");
}

std::string compare_all(const Context& context, const Plan& plan,
                        const Rendered& rendered, Guest& guest,
                        Journal& journal) {
  const Deadline deadline = context.deadline("compare");
  Preview preview = preview_of(context, plan);
  std::vector<std::string> paths;
  for (const auto& file : rendered.files) paths.push_back(file.path);
  const GuestFiles found =
      read_guest_files(context, guest, paths, journal, deadline);
  preview.pending = found.pending;
  const Mask& mask = context.link.mask();
  for (std::size_t i = 0; i < rendered.files.size(); ++i) {
    const RenderedFile& file = rendered.files[i];
    preview.files.push_back(compare(context, file, rendered.outlines[i].text,
                                    found.files.at(file.path), mask,
                                    deadline));
    journal.log("/" + file.path + ": " + preview.files.back().state);
  }
  const std::string out = summary(preview);
  write_preview(Dir(context.layout.log), std::move(preview));
  return out;
}

}  // namespace

void preview_job(const Context& context, Journal& journal,
                 const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act&) {
    // A restarted worker is not notified of an earlier cancel.
    if (attempt.resumed && context.job.cancel) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    Guest guest(context.config, context.job.server, context.job.id,
                context.link);
    Plan plan;
    Rendered rendered;
    std::string differences;
    journal.during("preflight", [&] {
      return preflight(context, guest, journal, plan).message;
    });
    journal.during("render", [&] {
      rendered = render_both(context, plan);
      return std::to_string(rendered.files.size()) + " files";
    });
    journal.during("compare", [&] {
      return differences = compare_all(context, plan, rendered, guest, journal);
    });
    return JobResult{
        .outcome = Outcome::succeeded,
        .detail = plan.text(context.application.name, context.job.server) +
                  ": " + differences,
        .committed = true,
        .revision = plan.revision};
  });
}

}  // namespace berth::worker
