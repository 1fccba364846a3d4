// SPDX-License-Identifier: GPL-2.0-or-later
// The outputs are those of git 2.39, OpenSSH 9.2, Subversion 1.14, curl 7.88
// and rsync 3.5, as they were printed.
#include "worker/job/reason.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

BOOST_AUTO_TEST_SUITE(reason)

using namespace berth;
using namespace berth::worker;

namespace {

const std::string kGitEnds =
    "fatal: Could not read from remote repository.\n\n"
    "Please make sure you have the correct access rights\n"
    "and the repository exists.\n";

const std::string kSvnEnds =
    "svn: E170013: Unable to connect to a repository at URL "
    "'svn+ssh://root@127.0.0.1/x'\n"
    "svn: E210002: To better debug SSH connection problems, remove the -q "
    "option from 'ssh' in the [tunnels] section of your Subversion "
    "configuration file.\n"
    "svn: E210002: Network connection closed unexpectedly\n";

const std::string kRsyncEnds =
    "rsync: connection unexpectedly closed (0 bytes received so far) "
    "[Receiver]\n"
    "rsync error: unexplained error (code 255) at io.c(285) [Receiver=3.5.0]\n";

const std::string kChanged =
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\n"
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n"
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\n"
    "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\n"
    "Someone could be eavesdropping on you right now (man-in-the-middle "
    "attack)!\n"
    "It is also possible that a host key has just been changed.\n"
    "The fingerprint for the ED25519 key sent by the remote host is\n"
    "SHA256:a1ExXk6Ha/BdCN6nn2lzX5Kc7rX0GEIMx6UQN64MhIE.\n"
    "Please contact your system administrator.\n"
    "Add correct host key in /etc/berth/known_hosts to get rid of this "
    "message.\n"
    "Offending ED25519 key in /etc/berth/known_hosts:1\n"
    "  remove with:\n"
    "  ssh-keygen -f \"/etc/berth/known_hosts\" -R \"[127.0.0.1]:2299\"\n"
    "Host key for [127.0.0.1]:2299 has changed and you have requested strict "
    "checking.\n"
    "Host key verification failed.\n";

const std::string kUnknown =
    "No ED25519 host key is known for [127.0.0.1]:2299 and you have requested "
    "strict checking.\n"
    "Host key verification failed.\n";

const std::string kRefused =
    "ssh: connect to host 127.0.0.1 port 9: Connection refused\n";

const std::string kDenied =
    "root@127.0.0.1: Permission denied (publickey,password).\n";

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

BOOST_AUTO_TEST_CASE(ssh_is_named_and_not_who_started_it) {
  const std::string changed =
      "Host key for [127.0.0.1]:2299 has changed and you have requested "
      "strict checking.";
  for (const std::string& ends : {kGitEnds, kSvnEnds, kRsyncEnds}) {
    BOOST_TEST(reason_in(kRefused + ends) == first_line(kRefused));
    BOOST_TEST(reason_in(kDenied + ends) == first_line(kDenied));
    BOOST_TEST(reason_in(kUnknown + ends) == first_line(kUnknown));
    BOOST_TEST(reason_in(kChanged + ends) == changed);
    const std::string host =
        "ssh: Could not resolve hostname no-such-host.invalid: Name or "
        "service not known";
    BOOST_TEST(reason_in(host + "\r\n" + ends) == host);
    const std::string missing = "bash: line 1: svnserve: command not found";
    BOOST_TEST(reason_in(missing + "\n" + ends) == missing);
  }
  const std::string key =
      "Load key \"/var/lib/berth/.ssh/id_ed25519\": Permission denied";
  BOOST_TEST(reason_in(key + "\n" + kDenied + kGitEnds) == key);
  BOOST_TEST(reason_in("Warning: Permanently added '[127.0.0.1]:2299' "
                       "(ED25519) to the list of known hosts.\n" +
                       kDenied + kGitEnds) == first_line(kDenied));
  BOOST_TEST(
      reason_in("Connection timed out during banner exchange\n" + kGitEnds) ==
      "Connection timed out during banner exchange");
}

BOOST_AUTO_TEST_CASE(git_names_what_it_could_not_do) {
  const std::string missing =
      "fatal: '/nope/x.git' does not appear to be a git repository";
  BOOST_TEST(reason_in(missing + "\n" + kGitEnds) == missing);
  for (const char* line :
       {"fatal: unable to access 'https://no-such-host.invalid/x.git/': Could "
        "not resolve host: no-such-host.invalid",
        "fatal: unable to look up no-such-host.invalid (port 9418) (Name or "
        "service not known)",
        "fatal: repository 'http://127.0.0.1:8499/404/x.git/' not found",
        "fatal: Authentication failed for 'http://127.0.0.1:8499/401/x.git/'",
        "fatal: remote error: access denied or repository not exported: "
        "/x.git"}) {
    BOOST_TEST(reason_in(std::string(line) + "\n") == line);
    BOOST_TEST(reason_in("remote: \nremote: ====\nremote: Log in first.\n" +
                         std::string(line) + "\n") == line);
    BOOST_TEST(reason_in("warning: redirecting to elsewhere\n" +
                         std::string(line) + "\n") == line);
  }
  const std::string hosted =
      "remote: ERROR: The project you were looking for could not be found";
  BOOST_TEST(reason_in("remote: \nremote: ========\nremote: \n" + hosted +
                       "\nremote: ========\n" + kGitEnds) == hosted);
  BOOST_TEST(reason_in("ERROR: Repository not found.\n" + kGitEnds) ==
             "ERROR: Repository not found.");
  // The line that goes on in the next one.
  BOOST_TEST(reason_in("fatal: unable to connect to 127.0.0.1:\n"
                       "127.0.0.1[0: 127.0.0.1]: errno=Connection refused\n"
                       "\n") ==
             "fatal: unable to connect to 127.0.0.1: 127.0.0.1[0: 127.0.0.1]: "
             "errno=Connection refused");
  BOOST_TEST(reason_in(kGitEnds) == first_line(kGitEnds));
}

BOOST_AUTO_TEST_CASE(of_several_codes_of_svn_the_one_that_says_most) {
  const std::string around =
      "svn: E170013: Unable to connect to a repository at URL 'svn://h/x'\n";
  for (const char* line :
       {"svn: E000111: Can't connect to host '127.0.0.1': Connection refused",
        "svn: E670002: Unknown hostname 'no-such-host.invalid'",
        "svn: E230001: Server SSL certificate verification failed: issuer is "
        "not trusted",
        "svn: E170001: Authorization failed",
        "svn: E215004: No more credentials or we tried too many times.",
        "svn: E180001: Unable to open repository 'file:///nope'",
        "svn: E210005: No repository found in 'svn+ssh://root@127.0.0.1/x'",
        "svn: E175013: Access to '/403/x' forbidden"}) {
    BOOST_TEST(reason_in(around + line + "\nAuthentication failed\n") == line);
  }
  BOOST_TEST(reason_in("svn: warning: cannot set LC_CTYPE locale\n"
                       "svn: warning: W160013: URL 'svn://h/x/nowhere' "
                       "non-existent in revision 5\n\n"
                       "svn: E200009: Could not display info for all targets "
                       "because some targets don't exist\n") ==
             "svn: warning: W160013: URL 'svn://h/x/nowhere' non-existent in "
             "revision 5");
  BOOST_TEST(reason_in(kSvnEnds) ==
             "svn: E210002: Network connection closed unexpectedly");
  BOOST_TEST(reason_in(around) == first_line(around));
}

BOOST_AUTO_TEST_CASE(curl_and_rsync_too) {
  const std::string self =
      "curl: (60) SSL certificate problem: self-signed certificate";
  BOOST_TEST(reason_in(self +
                       "\nMore details here: "
                       "https://curl.se/docs/sslcerts.html\n\n"
                       "curl failed to verify the legitimacy of the server "
                       "and therefore could not\n"
                       "establish a secure connection to it. To learn more "
                       "about this situation and\n"
                       "how to fix it, please visit the web page mentioned "
                       "above.\n") == self);
  for (const char* line :
       {"curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't "
        "connect to server",
        "curl: (22) The requested URL returned error: 404"}) {
    BOOST_TEST(reason_in(std::string(line) + "\n") == line);
  }
  const std::string gone =
      "rsync: [sender] change_dir \"/nope\" failed: No such file or directory "
      "(2)";
  BOOST_TEST(reason_in(gone +
                       "\nrsync error: some files/attrs were not transferred "
                       "(see previous errors) (code 23) at main.c(1956) "
                       "[Receiver=3.5.0]\n"
                       "rsync: [Receiver] write error: Broken pipe (32)\n") ==
             gone);
  BOOST_TEST(reason_in("/usr/bin/rrsync: option --x has been disabled\n" +
                       kRsyncEnds) ==
             "/usr/bin/rrsync: option --x has been disabled");
  BOOST_TEST(reason_in(kRsyncEnds) == first_line(kRsyncEnds));
}

// git and rsync write progress with carriage returns and the reason after it.
BOOST_AUTO_TEST_CASE(a_carriage_return_ends_a_line) {
  BOOST_TEST(reason_in("Receiving objects:   3% (1/30)\rReceiving objects:   "
                       "7% (2/30)\rfatal: early EOF\nfatal: x\n") ==
             "fatal: early EOF");
  BOOST_TEST(reason_in("error: cannot lock these:\r\n  refs/heads/x\r\n") ==
             "error: cannot lock these:   refs/heads/x");
  BOOST_TEST(reason_in("\r\r\n\r") == "");
  BOOST_TEST(reason_in("a\r") == "a");
  BOOST_TEST(reason_in("fatal: \r\n") == "fatal: ");
}

BOOST_AUTO_TEST_CASE(any_bytes_give_one_short_line) {
  BOOST_TEST(reason_in("") == "");
  BOOST_TEST(reason_in("\n \n\r\n") == "");
  BOOST_TEST(reason_in("what it was\n") == "what it was");
  BOOST_TEST(reason_in("it failed:") == "it failed:");
  BOOST_TEST(reason_in("it failed:\n\nso\n") == "it failed:");
  BOOST_TEST(reason_in("warning: only this\n") == "warning: only this");
  BOOST_TEST(reason_in("fatal: a\x1b[31m\n") == "fatal: a\\x1b[31m");
  BOOST_TEST(reason_in("fatal: " + std::string(100000, 'x')).size() < 310u);
  std::string random;
  for (unsigned i = 0, x = 7; i < 200000; ++i) {
    x = x * 1103515245u + 12345u;
    random += static_cast<char>(x >> 16);
    if (i % 4096 != 0) continue;
    const std::string found = reason_in(random);
    BOOST_TEST(!has_control_characters(found));
    BOOST_TEST(found.size() < 1300u);
  }
}

BOOST_AUTO_TEST_CASE(among_other_output_a_marked_line_or_else_the_last) {
  const std::string around =
      "Updating files: 100% (3/3), done.\ncopying the other slot\n";
  BOOST_TEST(reason_among("") == "");
  BOOST_TEST(reason_among("\n\n") == "");
  BOOST_TEST(reason_among(around + kRefused + kGitEnds) ==
             first_line(kRefused));
  BOOST_TEST(reason_among(around + kGitEnds) == first_line(kGitEnds));
  BOOST_TEST(reason_among(around + "error: not clean after the checkout:\n"
                                   "?? left.txt\n?? more.txt\n") ==
             "error: not clean after the checkout: ?? left.txt");
  const std::string plain = "/srv/shop/.berth/repo.git/refs: Permission denied";
  BOOST_TEST(reason_among(around + plain + "\n\n") == plain);
}

BOOST_AUTO_TEST_SUITE_END()
