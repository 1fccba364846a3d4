// SPDX-License-Identifier: GPL-2.0-or-later
// GET /jobs/N/log?from=OFFSET: a job's log from a byte on, at most kMostBytes
// of it. X-Berth-Next is the next offset; X-Berth-Finished is "true" if the log
// is complete and was read to its end.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "web/handlers.hpp"
#include "web/job_view.hpp"
#include "web/log_text.hpp"
#include "web/resource.hpp"

namespace berth::web {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;

struct Piece {
  std::string text;
  std::int64_t size = 0;  // of the whole log
};

Piece read_piece(const Fd& fd, std::int64_t from, const std::string& subject) {
  Piece piece;
  piece.text.resize(kMostBytes);
  std::size_t got = 0;
  while (got < kMostBytes) {
    const ssize_t n =
        ::pread(fd.get(), piece.text.data() + got, kMostBytes - got,
                from + static_cast<std::int64_t>(got));
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("read", subject);
    got += static_cast<std::size_t>(n);
  }
  piece.text.resize(got);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw_errno("stat", subject);
  piece.size = st.st_size;
  return piece;
}

}  // namespace

Reply job_log(const Request& request, Console& console) {
  const std::string& id = request.names[0];
  const std::int64_t from = query_number(
      request, "from", 0, 0, std::numeric_limits<std::int64_t>::max() / 2);
  // Read before the log: what is written after that counts as unread.
  const Dir logs(console.layout().log);
  const std::string name = id + ".log";
  // A log is kept longer than the job's state.
  const auto job = find_job(console, id);
  if (!job && !logs.exists(name)) throw Problem(404, "there is no job " + id);
  const bool ended = !job || has_ended(*job);
  Piece piece;
  if (const Fd fd = logs.open(name, O_RDONLY | O_NONBLOCK)) {
    piece = read_piece(fd, from, logs.path_of(name));
  }
  if (from > piece.size) {
    throw Problem(416,
                  "the log of job " + id + " has " +
                      std::to_string(piece.size) + " bytes",
                  {{"size", piece.size}});
  }
  const bool at_end =
      from + static_cast<std::int64_t>(piece.text.size()) >= piece.size;
  if (!(ended && at_end)) cut_torn_character(piece.text);
  const std::int64_t next =
      from + static_cast<std::int64_t>(piece.text.size());
  const bool finished = ended && next >= piece.size;
  Reply reply = text_reply(std::move(piece.text));
  reply.headers = {{"X-Berth-Next", std::to_string(next)},
                   {"X-Berth-Finished", finished ? "true" : "false"}};
  reply.etag = fingerprint(id + " " + std::to_string(from) + " " +
                           std::to_string(next) +
                           (finished ? " finished" : ""));
  return reply;
}

}  // namespace berth::web
