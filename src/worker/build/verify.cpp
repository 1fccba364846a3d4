// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>

#include <algorithm>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "worker/build/build_steps.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLeastTry = 10;    // seconds
constexpr std::int64_t kVerifyPause = 200;  // ms between two tries
constexpr std::size_t kReplyKept = 1 << 20;
constexpr std::size_t kLinesShown = 10;
constexpr int kCurlCertificate = 60;  // its exit status

struct Answer {
  std::int64_t status = 0;  // 0: none
  std::string body;
  std::string problem;
};

std::string address(const Context& context) {
  std::string url = context.application.url_on(context.job.server);
  while (url.ends_with('/')) url.pop_back();
  const std::string& path = context.application.verify->path;
  return url + (path.starts_with('/') ? "" : "/") + path;
}

// What to do when curl does not trust the issuer of the certificate.
std::string certificate_help(const VerifyConfig& wanted) {
  return wanted.ca.empty()
             ? "; set verify's ca to the PEM file of its CA, or insecure = "
               "true to accept any certificate (berth.conf)"
             : "; it is not signed for this name by " + wanted.ca +
                   " (verify's ca)";
}

// One of three tries may hang, for example on a process that Apache is about to
// end; and a site that starts slowly gets at least ten seconds for its first
// page.
std::int64_t one_try(const VerifyConfig& wanted) {
  return std::max(kLeastTry, wanted.timeout / 3);
}

// --disable must be the first option: no ~/.curlrc may change the request.
Answer fetch(const std::string& url, const VerifyConfig& wanted, Link& link) {
  std::vector<std::string> command = {
      "curl", "--disable", "--silent", "--show-error", "--globoff",
      "--noproxy", "*",
      "--proto", "=http,https", "--max-time", std::to_string(one_try(wanted)),
      "--max-filesize", std::to_string(kReplyKept),
      "--write-out", "\n%{http_code}"};
  if (!wanted.ca.empty()) {
    command.insert(command.end(), {"--cacert", wanted.ca});
  }
  if (wanted.insecure) command.push_back("--insecure");
  command.insert(command.end(), {"--", url});
  const RunResult result = run_program(
      command, confined_curl(wanted), link, Deadline::in_s(one_try(wanted) + 5),
      kReplyKept + 64);
  Answer out;
  if (!result.status.ok()) out.problem = complaint(result);
  if (result.status.code == kCurlCertificate) {
    out.problem += certificate_help(wanted);
  }
  const auto cut = result.out.rfind('\n');
  if (cut != std::string::npos && result.out.size() - cut == 4) {
    // curl writes the number, unless the reply made curl end before.
    const auto status =
        whole_number(std::string_view(result.out).substr(cut + 1));
    out.status = status.value_or(0);
    if (!status) {
      out.problem += std::string(out.problem.empty() ? "" : "; ") +
                     "curl reported no HTTP status";
    }
    out.body = result.out.substr(0, cut);
  }
  return out;
}

std::string wrong_with(const Answer& answer, const VerifyConfig& wanted) {
  if (!answer.problem.empty()) return answer.problem;
  if (answer.status != wanted.status) {
    return "status " + std::to_string(answer.status) + " instead of " +
           std::to_string(wanted.status);
  }
  if (answer.body.find(wanted.contains) == std::string::npos) {
    return "the page does not contain \"" + wanted.contains + "\"";
  }
  return "";
}

void log_failure(const Context& context, Guest& guest, const Answer& answer,
                 std::int64_t offset, Report& report) {
  report.log("status " + std::to_string(answer.status) +
             (answer.problem.empty() ? "" : ", " + answer.problem));
  std::size_t shown = 0;
  for (const std::string& line : split(answer.body, '\n')) {
    if (line.empty()) continue;
    if (++shown > kLinesShown) break;
    report.log("reply: " + line);
  }
  try {
    const json::object errors = guest.call(
        "errors",
        {{"application", context.application.name}, {"offset", offset}},
        report, Deadline::in_s(20));
    const json::string* text = if_string(errors, "text");
    if (!text) return;
    // It begins where the log ended before the restart, perhaps within a line.
    for (const auto& line :
         split(context.link.mask()(*text), '\n')) {
      if (!line.empty()) report.log("error log: " + line);
    }
  } catch (const Error& e) {
    report.log(std::string("cannot read the guest's error log: ") + e.what());
  }
}

}  // namespace

void require_verify_ca(const Context& context) {
  const auto& wanted = context.application.verify;
  if (!wanted || wanted->ca.empty()) return;
  if (!Fd(::open(wanted->ca.c_str(), O_RDONLY | O_CLOEXEC))) {
    throw_errno("read verify's ca", wanted->ca);
  }
}

std::string verify(const Context& context, Guest& guest,
                   std::int64_t error_offset, Report& report) {
  const VerifyConfig& wanted = *context.application.verify;
  const std::string url = address(context);
  const Deadline deadline = Deadline::in_s(wanted.timeout);
  if (wanted.insecure) {
    report.log("the certificate of " + url +
               " is not checked (verify's insecure)");
  }
  while (true) {
    const Answer answer = fetch(url, wanted, context.link);
    const std::string wrong = wrong_with(answer, wanted);
    if (wrong.empty()) return url + " returns " + std::to_string(wanted.status);
    if (deadline.left_ms() <= kVerifyPause) {
      log_failure(context, guest, answer, error_offset, report);
      throw Error("verify", url, wrong);
    }
    Progress progress;
    progress.message = wrong;
    report.progress(progress);
    context.link.sleep(kVerifyPause);
  }
}

}  // namespace berth::worker
