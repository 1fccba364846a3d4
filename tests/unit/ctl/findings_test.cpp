// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/findings.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

namespace {

// A folder as an admin would have it, owned by whoever runs the test.
struct Folder {
  Folder() {
    dir.put("etc/ssh_config", "Host *\n");
    dir.put("etc/known_hosts", "\n");
    dir.put("etc/templates/shop/etc/apache2/shop.conf.tpl",
            "A {{secret.key:x-shell}} {{path:x-apache}}\n");
    dir.put("etc/secrets/shop/key", "hush-hush");
    chmod("etc/secrets/shop", 0750);
    chmod("etc/secrets/shop/key", 0640);
    for (const char* name : {"spool/drop-root", "lib", "log", "run",
                             "cache"}) {
      std::filesystem::create_directories(dir / name);
    }
    std::filesystem::permissions(dir / "etc/templates",
                                 std::filesystem::perms(0755));
    config.folder = dir / "etc";
    config.web_user = "root";
    config.paths = {dir / "spool", dir / "lib", dir / "log", dir / "run",
                    dir / "cache"};
    config.applications["shop"].name = "shop";
    owners.admin = ::getuid();
    owners.runner_group = ::getgid();
  }
  void chmod(const std::string& name, mode_t mode) const {
    BOOST_REQUIRE(::chmod((dir / name).c_str(), mode) == 0);
  }
  // The problems as one text; notes in brackets.
  std::string found() const {
    std::string out;
    for (const auto& finding : check_files(config, owners)) {
      out += finding.problem ? finding.text : "[" + finding.text + "]";
      out += "\n";
    }
    return out;
  }
  bool finds(const std::string& path, const std::string& words) const {
    const std::string all = found();
    const auto at = all.find(path + ": ");
    if (at == std::string::npos) return false;
    return all.substr(at, all.find('\n', at) - at).find(words) !=
           std::string::npos;
  }
  TemporaryDir dir;
  Config config;
  Owners owners;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(findings, Folder)

BOOST_AUTO_TEST_CASE(a_folder_that_is_in_order_gives_none) {
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(a_configuration_that_others_may_write_is_told) {
  for (const char* name : {"etc/berth.conf", "etc/conf.d/more.conf",
                           "etc/guest/shop.json"}) {
    dir.put(name, std::string(name).ends_with("json") ? R"({"user":"shop"})" : "");
    config.file = dir / "etc/berth.conf";
    chmod(name, 0644);
    BOOST_TEST(found() == "");
    chmod(name, 0666);
    BOOST_TEST(finds(dir / name, "others may write it (mode 0666); chmod go-w"));
    chmod(name, 0600);
    BOOST_TEST(finds(dir / name, "berth cannot read it (mode 0600)"));
    chmod(name, 0644);
  }
  owners.admin = ::getuid() + 1;
  BOOST_TEST(finds(dir / "etc/berth.conf", "not to root; chown it"));
}

BOOST_AUTO_TEST_CASE(a_guests_file_that_enrolling_would_refuse_is_told) {
  dir.put("etc/guest/shop.json", "{ no JSON");
  BOOST_TEST(finds(dir / "etc/guest", "shop.json: "));
}

BOOST_AUTO_TEST_CASE(a_certificate_that_berth_cannot_read_is_told) {
  const std::string file = dir / "etc/ca.pem";
  config.applications["shop"].verify = VerifyConfig();
  BOOST_TEST(found() == "");
  config.applications["shop"].verify->ca = file;
  BOOST_TEST(finds(file, "no such file, but verify's `ca` names it"));
  dir.put("etc/ca.pem", "-----BEGIN CERTIFICATE-----\n");
  chmod("etc/ca.pem", 0644);
  BOOST_TEST(found() == "");
  chmod("etc/ca.pem", 0600);
  BOOST_TEST(finds(file, "berth cannot read it"));
  chmod("etc/ca.pem", 0666);
  BOOST_TEST(finds(file, "others may write it"));
}

BOOST_AUTO_TEST_CASE(a_secret_that_others_may_read_is_told_with_the_remedy) {
  chmod("etc/secrets/shop/key", 0644);
  BOOST_TEST(finds(dir / "etc/secrets/shop/key", "chmod 0640"));
  chmod("etc/secrets/shop/key", 0600);
  BOOST_TEST(finds(dir / "etc/secrets/shop/key", "berth cannot read it"));
  chmod("etc/secrets/shop/key", 0640);
  chmod("etc/secrets/shop", 0755);
  BOOST_TEST(finds(dir / "etc/secrets/shop", "chmod 0750"));
}

BOOST_AUTO_TEST_CASE(a_secret_that_cannot_be_hidden_is_warned_of) {
  const std::string file = dir / "etc/secrets/shop/key";
  const auto warning = [&](const std::string& secret) {
    dir.put("etc/secrets/shop/key", secret);
    chmod("etc/secrets/shop/key", 0640);
    return found();
  };
  BOOST_TEST(warning("a\n") ==
             "[" + file + ": has fewer than 6 characters, so logs will show it; "
             "use a longer, random one]\n");
  BOOST_TEST(warning("ChangeMe").find("is a common word") !=
             std::string::npos);
  BOOST_TEST(warning("------").find("one character") != std::string::npos);
  BOOST_TEST(warning("Shop").find("fewer than 6") != std::string::npos);
  BOOST_TEST(warning("").find("fewer than 6") != std::string::npos);
  BOOST_TEST(warning("a line\nb\n") == "");
  // What is around a value is part of it on the guest, and seldom in a log.
  for (const char* around : {"hunter2long\r\n", "hunter2long \n",
                             " hunter2long", "\thunter2long\n\n",
                             "\xef\xbb\xbfhunter2long\n", "a\r\nb line"}) {
    BOOST_TEST(warning(around).find("which templates write into files") !=
                   std::string::npos,
               around);
  }
  BOOST_TEST(warning("ChangeMe \r\n").find("is a common word") !=
             std::string::npos);
  config.applications["webshop"].name = "webshop";
  dir.put("etc/secrets/webshop/key", "webshop");
  chmod("etc/secrets/webshop/key", 0640);
  BOOST_TEST(finds(dir / "etc/secrets/webshop/key", "application's name"));
}

// The first of them ended the check of its folder.
BOOST_AUTO_TEST_CASE(each_secret_that_jobs_cannot_read_is_told) {
  dir.put("etc/secrets/shop/huge", std::string(70000, 'x'));
  chmod("etc/secrets/shop/huge", 0640);
  std::filesystem::create_directory(dir / "etc/secrets/shop/sub");
  dir.put("etc/secrets/shop/weak", "a");
  chmod("etc/secrets/shop/weak", 0640);
  BOOST_TEST(finds(dir / "etc/secrets/shop/huge", "larger than 65536"));
  BOOST_TEST(finds(dir / "etc/secrets/shop/sub", "is no file"));
  BOOST_TEST(finds(dir / "etc/secrets/shop/weak", "fewer than 6"));
}

BOOST_AUTO_TEST_CASE(a_password_in_a_repositorys_url_is_told) {
  std::string& repository = config.applications["shop"].repository;
  const auto told = [&](const char* url) {
    repository = url;
    return found().find("the repository contains a password") != std::string::npos;
  };
  BOOST_TEST(told("https://bob:geheim99@git.example.com/shop.git"));
  BOOST_TEST(told("https://bob:a@b:c@git.example.com/shop.git"));
  BOOST_TEST(!told("svn+ssh://bob@svn.example.com:22/shop"));
  BOOST_TEST(!told("https://git.example.com:8443/shop:x@y.git"));
  BOOST_TEST(!told("git@git.example.com:shop.git"));
  BOOST_TEST(!told("/srv/git/shop.git"));
}

BOOST_AUTO_TEST_CASE(a_secret_of_another_group_is_told) {
  owners.runner_group = ::getgid() + 1;
  BOOST_TEST(finds(dir / "etc/secrets/shop/key", "chgrp berth"));
}

BOOST_AUTO_TEST_CASE(a_secret_that_a_template_asks_for_must_be_there) {
  dir.put("etc/templates/shop/x.tpl", "{{secret.other:x-python}}");
  BOOST_TEST(finds(dir / "etc/secrets/shop/other", "missing"));
}

BOOST_AUTO_TEST_CASE(a_linked_secret_is_told) {
  std::filesystem::create_symlink("key", dir / "etc/secrets/shop/alias");
  BOOST_TEST(finds(dir / "etc/secrets/shop/alias", "is a link"));
}

BOOST_AUTO_TEST_CASE(what_anybody_could_change_is_told) {
  chmod("etc/ssh_config", 0666);
  BOOST_TEST(finds(dir / "etc/ssh_config", "chmod go-w"));
  chmod("etc/templates/shop/etc/apache2/shop.conf.tpl", 0664);
  BOOST_TEST(finds(dir / "etc/templates/shop/etc/apache2/shop.conf.tpl",
                   "chmod go-w"));
}

BOOST_AUTO_TEST_CASE(a_strangers_file_is_told) {
  owners.admin = ::getuid() + 1;
  BOOST_TEST(finds(dir / "etc/known_hosts", "not to root"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_template_is_told) {
  dir.put("etc/templates/shop/notes.txt", "x");
  dir.put("etc/templates/shop/README", "passed over");
  BOOST_TEST(finds(dir / "etc/templates/shop/notes.txt", "not a template"));
  BOOST_TEST(found().find("README") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_templates_is_a_note_and_no_problem) {
  std::filesystem::remove_all(dir / "etc/templates/shop");
  BOOST_TEST(found().find("[" + (dir / "etc/templates/shop")) == 0u);
}

BOOST_AUTO_TEST_CASE(missing_ssh_files_folders_and_accounts_are_told) {
  std::filesystem::remove(dir / "etc/known_hosts");
  std::filesystem::remove_all(dir / "spool");
  config.web_user = "no-such-user";
  owners.runner_group.reset();
  BOOST_TEST(finds(dir / "etc/known_hosts", "missing"));
  BOOST_TEST(finds(dir / "spool", "systemd-tmpfiles"));
  BOOST_TEST(finds("web_user no-such-user", "no such user"));
  BOOST_TEST(finds("group berth", "systemd-sysusers"));
}

BOOST_AUTO_TEST_CASE(two_logins_that_would_be_one_user_are_told) {
  const std::string users = dir / "etc/apache.users";
  dir.put("etc/apache.users", "# comment\nalice:x\nbob:y\nAlice:z\n\nbob:w\n");
  BOOST_TEST(finds(users, "'alice' and 'Alice' are both Berth's user alice"));
  BOOST_TEST(found().find("bob") == std::string::npos);
  config.lower_case_logins = false;
  BOOST_TEST(found().find("alice") == std::string::npos);
  dir.put("etc/apache.users", "alice:x\nalice@Example.com:y\nalice@b:z\n");
  BOOST_TEST(found().find("alice") == std::string::npos);
  config.login_realm = "EXAMPLE.COM";
  BOOST_TEST(finds(users, "'alice' and 'alice@Example.com' are both"));
  config.password_file = dir / "etc/other.users";
  BOOST_TEST(finds(dir / "etc/other.users", "missing"));
  dir.put("etc/other.users", "alice:x\n");
  BOOST_TEST(found().find("users") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_ssh_config_only_root_can_read_is_told) {
  owners.runner_group = ::getgid() + 1;
  chmod("etc/ssh_config", 0640);
  BOOST_TEST(finds(dir / "etc/ssh_config", "berth cannot read it"));
}

BOOST_AUTO_TEST_CASE(secrets_named_reads_markers_and_survives_nonsense) {
  const auto names = secrets_named(
      "{{secret.b:x-shell}}{{secret.a:x-python}}{{secret.b:x-apache}}"
      "{{set.c:x-shell}}{{secret.}}{{secret.d}}{{secret.unfinished");
  BOOST_TEST(names == (std::vector<std::string>{"a", "b", "d"}),
             boost::test_tools::per_element());
}

// `make install` keeps a configuration, so that an older file stays in use.
BOOST_AUTO_TEST_CASE(an_older_file_of_apache_is_a_problem) {
  BOOST_TEST(found().find("apache2") == std::string::npos);
  dir.put("apache2/conf-available/berth-proxy.conf", "UseCanonicalName On\n");
  BOOST_TEST(finds(dir / "apache2/conf-available/berth-proxy.conf",
                   "a2ensite berth"));
  for (const char* current :
       {"UseCanonicalPhysicalPort On\n", "Include \"${BERTH_COMMON}\"\n"}) {
    dir.put("apache2/conf-available/berth-proxy.conf", current);
    BOOST_TEST(found().find("apache2") == std::string::npos);
  }
  dir.put("apache2/conf-enabled/berth.conf", "x\n");
  BOOST_TEST(found().find("[" + (dir / "apache2/conf-enabled/berth.conf") +
                          ": mounts the console in every site") !=
             std::string::npos);
}

// It lets in before Require, and no directive of ours takes it back.
BOOST_AUTO_TEST_CASE(an_authorizer_of_a_site_is_warned_of) {
  dir.put("apache2/sites-available/wiki.conf", "# FcgidAuthorizer /x\n");
  dir.put("apache2/sites-enabled/wiki.conf", "");
  BOOST_TEST(found().find("FcgidAuthorizer") == std::string::npos);
  dir.put("apache2/sites-available/wiki.conf",
          "<Location />\n\tfcgidauthorizer /x\n</Location>\n");
  BOOST_TEST(found().find("[" + (dir / "apache2/sites-available/wiki.conf") +
                          ": FcgidAuthorizer") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_module_that_shows_the_secret_is_a_problem) {
  dir.put("apache2/mods-enabled/info.load", "LoadModule info_module x\n");
  BOOST_TEST(found().find("info.load") == std::string::npos);
  dir.put("etc/apache.secret", "x\n");
  BOOST_TEST(finds(dir / "apache2/mods-enabled/info.load", "a2dismod info"));
}

BOOST_AUTO_TEST_CASE(without_mod_buffer_slow_clients_are_warned_of) {
  dir.put("apache2/mods-enabled/proxy_fcgi.load", "x\n");
  BOOST_TEST(found().find("mod_buffer") == std::string::npos);
  dir.put("etc/apache.secret", "x\n");
  BOOST_TEST(found().find("mod_buffer") != std::string::npos);
  dir.put("apache2/mods-enabled/buffer.load", "x\n");
  BOOST_TEST(found().find("mod_buffer") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(servers_made_without_guest_from_are_warned_of) {
  BOOST_TEST(found().find("guest_from") == std::string::npos);
  config.hosts["kvm1"].images["debian12"].name = "debian12";
  BOOST_TEST(found().find("[guest_from: missing: a server that is provisioned "
                          "on kvm1 accepts") != std::string::npos);
  config.guest_from = {"any"};
  BOOST_TEST(found().find("guest_from") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
