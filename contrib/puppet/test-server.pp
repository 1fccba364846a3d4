# SPDX-License-Identifier: GPL-2.0-or-later
# A test server as Berth wants it: what it runs, checks out with, and is entered
# through. To start from, with `puppet apply test-server.pp` or as a class of
# your own modules. Berth brings the rest: berth-guest, its file, its key and
# its line of sudoers (see berth-guest(8)), and with every build the site.
#
# What Puppet must leave to Berth, where it purges folders: the files that
# guest.conf's "files" names, below /etc/apache2/sites-available and
# /etc/APPLICATION, and all below the application's root. With puppetlabs-apache that is `purge_vhost_dir => false`, or a vhost
# folder of Puppet's own beside Berth's; with a plain purge, `ignore`, as below.
class berth_test_server (
  String $application = 'shop',
  String $root        = "/srv/${application}",
) {
  package { ['apache2', 'libapache2-mod-wsgi-py3', 'python3-django',
             'python3-psycopg2', 'subversion', 'git', 'jq', 'sudo',
             'openssh-server']:
    ensure => installed,
  }

  # Enters by ssh, may run berth-guest and nothing else.
  user { 'berth':
    ensure     => present,
    system     => true,
    home       => '/home/berth',
    managehome => true,
    shell      => '/bin/bash',
    password   => '*',
  }
  # Owns the checkouts, runs the prepare commands and the site, and alone reads
  # the rendered files.
  user { $application:
    ensure   => present,
    system   => true,
    home     => $root,
    shell    => '/usr/sbin/nologin',
    password => '*',
  }
  # root's: berth-guest makes what lies in it.
  file { [$root, '/etc/berth']:
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }

  # Purged but for what builds put there.
  file { '/etc/apache2/sites-enabled':
    ensure  => directory,
    recurse => true,
    purge   => true,
    force   => true,
    ignore  => ["${application}.conf"],
    require => Package['apache2'],
    notify  => Service['apache2'],
  }
  # Dangling until the first build, which Apache does not mind.
  file { "/etc/apache2/sites-enabled/${application}.conf":
    ensure => link,
    target => "../sites-available/${application}.conf",
  }
  service { 'apache2':
    ensure  => running,
    enable  => true,
    require => Package['apache2'],
  }
}

# As a file of its own. With the node classifier berth-enc(8) it is the class
# alone that is wanted, and its parameters are its top-scope variables.
include berth_test_server
