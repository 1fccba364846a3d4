// SPDX-License-Identifier: GPL-2.0-or-later
// GET /jobs/N/preview: the result of a preview, as the job's worker wrote it.
// As text only the differences, for `curl | less` or patch.
#include "model/job_kind.hpp"
#include "model/outcome.hpp"
#include "store/preview.hpp"
#include "web/handlers.hpp"
#include "web/job_view.hpp"
#include "web/resource.hpp"

namespace berth::web {
namespace {

// A file that is too long to be shown gets a line of its own; without it, the
// file would seem unchanged.
std::string differences(const json::object& preview) {
  std::string out;
  for (const auto& file : preview.at("files").as_array()) {
    if (const json::string* diff = if_string(file, "diff")) {
      out += std::string_view(*diff);
    } else {
      out += "# " + string_or(file, "path", "") + ": " +
             string_or(file, "state", "") + ", left out: " +
             string_or(file, "left_out", "") + "\n";
    }
  }
  return out;
}

Reply not_yet(const Request& request, const json::object& job) {
  json::object body;
  for (const char* name : {"id", "state", "server", "application"}) {
    body[name] = job.at(name);
  }
  Reply reply = made(request, body);
  reply.status = 202;
  reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

}  // namespace

Reply job_preview(const Request& request, Console& console) {
  const std::string& id = request.names[0];
  const json::object job = job_view(console, id);
  if (job_kind_from_text(string_or(job, "kind", "")) != JobKind::preview) {
    throw Problem(404, "job " + id + " is not a preview; POST to "
                       "servers/SERVER/previews to start one");
  }
  if (!has_ended(job)) return not_yet(request, job);
  const std::string state = string_or(job, "state", "");
  if (outcome_from_text(state) != Outcome::succeeded) {
    throw Problem(409, "job " + id + " " + state + ": " +
                           string_or(job, "detail", ""));
  }
  auto found = read_preview(Dir(console.layout().log), std::stoll(id));
  if (!found) {
    throw Problem(404, "the result of job " + id + " was removed with its log; "
                       "request a new preview");
  }
  found->erase("version");
  Reply reply = made(request, *found);
  if (wants_text(request)) {
    Reply text = text_reply(differences(*found));
    text.etag = reply.etag;
    text.headers = reply.headers;
    return text;
  }
  return reply;
}

}  // namespace berth::web
