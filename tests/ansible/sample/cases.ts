// What the modules of the sample are called with, where the first example of their
// documentation would end before the module does anything, and what the programs of
// the host answer them.
import type { SourceTree } from "../../support/source_tree.ts";

/** How a module is called, and what it finds. */
export interface SampleCase {
  /** Default: those of the first example in its documentation. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Files of the host: absolute path to text. */
  readonly files?: SourceTree;
  /**
   * Programs of the host besides those that the module looks for: name or path to
   * what its script does after it has noted the call.
   */
  readonly programs?: Readonly<Record<string, string>>;
}

/** What any of these programs prints. */
const SAYS = 'echo "${0##*/}: $*"';
const OSTREE = { "/run/ostree-booted": "" };
const PODMAN = {
  podman: `case "$*" in
--version | version) echo "podman version 4.3.1" ;;
*inspect*) echo "[]"; exit 125 ;;
*ls*) echo "[]" ;;
*) echo 0123456789ab ;;
esac`,
};
const GLUSTER = {
  gluster: `case "$*" in *version*) echo "glusterfs 9.2" ;; esac`,
};
const RABBITMQ = (list: string) => ({
  rabbitmqctl: `case "$*" in
*version*) echo 3.9.0 ;;
*list*) printf '%b' '${list}' ;;
esac`,
});

/** By the full name of the module. */
export const SAMPLE_CASES: Readonly<Record<string, SampleCase>> = {
  "ansible.posix.rhel_rpm_ostree": {
    files: OSTREE,
    programs: { "rpm-ostree": SAYS, rpm: "exit 1" },
  },
  "ansible.posix.rpm_ostree_upgrade": { files: OSTREE },
  "ansible.posix.sysctl": {
    args: {
      name: "vm.swappiness",
      value: 5,
      sysctl_file: "/etc/sysctl.d/a.conf",
      reload: false,
    },
    files: { "/etc/sysctl.d/a.conf": "# mine\nvm.swappiness = 60\n" },
  },
  "community.crypto.luks_device": { args: { name: "luks-x", state: "closed" } },
  "community.general.aix_lvg": { args: { vg: "datavg", pvs: ["hdisk1"] } },
  "community.general.alternatives": {
    args: { name: "my-tool", path: "/bin/true", link: "/usr/bin/my-tool" },
  },
  "community.general.apk": {
    args: { name: "foo" },
    programs: { apk: 'case "$*" in *-e*) exit 1 ;; *) echo OK ;; esac' },
  },
  "community.general.apt_rpm": {
    programs: { "/usr/bin/apt-get": SAYS, "/usr/bin/rpm": "exit 1" },
  },
  "community.general.atomic_host": { files: OSTREE },
  "community.general.bower": {
    args: { name: "bootstrap", path: "/srv/app" },
    files: { "/srv/app/bower.json": "{}" },
    programs: { bower: `echo '{"dependencies": {}}'` },
  },
  "community.general.btrfs_subvolume": {
    args: { name: "/@home", filesystem_device: "/dev/vda2" },
  },
  "community.general.bundler": { args: { state: "present" } },
  "community.general.crypttab": {
    args: {
      name: "luks-home",
      backing_device: "/dev/sda2",
      state: "present",
      opts: "discard,x=1",
    },
    files: { "/etc/crypttab": "# mine\nother /dev/sdb none\n" },
  },
  "community.general.dnf_versionlock": {
    programs: { "/usr/bin/dnf": "echo nginx-1:1.20-1.*" },
  },
  "community.general.dpkg_divert": {
    args: { path: "/usr/bin/my-tool", rename: true },
    files: { "/usr/bin/my-tool": "x" },
  },
  "community.general.easy_install": { programs: { easy_install: SAYS } },
  "community.general.flatpak": {
    programs: { flatpak: 'case "$1" in list) ;; *) echo done ;; esac' },
  },
  "community.general.flatpak_remote": { programs: { flatpak: SAYS } },
  "community.general.homebrew": {
    args: { name: "foo", path: "/usr/local/sbin" },
    programs: { brew: `echo '{"formulae": []}'` },
  },
  "community.general.homebrew_cask": {
    args: { name: "alfred", path: "/usr/local/sbin" },
    programs: { brew: "echo Homebrew 3.6.1" },
  },
  "community.general.ipwcli_dns": {
    args: {
      dnsname: "example.com",
      type: "A",
      container: "ZoneOne",
      address: "127.0.0.1",
      username: "ann",
      password: "a secret",
    },
  },
  "community.general.iso_extract": {
    args: { image: "/srv/x.iso", dest: "/srv/out", files: ["a"] },
    files: { "/srv/x.iso": "x", "/srv/out/b": "" },
    programs: { "7z": SAYS },
  },
  "community.general.kdeconfig": { programs: { kwriteconfig5: SAYS } },
  "community.general.kibana_plugin": {
    programs: { "/opt/kibana/bin/kibana": SAYS },
  },
  "community.general.lldp": {
    programs: {
      lldpctl: "echo lldp.eth0.chassis.name=sw1; echo lldp.eth0.port.descr=p",
    },
  },
  "community.general.logstash_plugin": {
    programs: { "/usr/share/logstash/bin/logstash-plugin": SAYS },
  },
  "community.general.lvol": {
    programs: {
      lvm: 'echo "  LVM version:     2.03.16(2) (2022-05-18)"',
      vgs: 'echo "  firefly;1000.00;500.00;4.00"',
      lvs: "",
      lvcreate: SAYS,
    },
  },
  "community.general.mas": {
    programs: {
      mas: `case "$1" in
version) echo 1.8.6 ;;
account) echo ann@example.com ;;
list) echo "497799835 Xcode (12.0)" ;;
esac`,
    },
  },
  "community.general.nagios": {
    args: { action: "silence_nagios", cmdfile: "/srv/nagios.cmd" },
    files: { "/srv/nagios.cmd": "" },
  },
  "community.general.onepassword_info": {
    args: { search_terms: [{ name: "x", field: "password" }], cli_path: "op" },
    programs: { op: "echo '{}'" },
  },
  "community.general.openbsd_pkg": {
    programs: { pkg_info: "exit 1", pkg_add: SAYS },
  },
  "community.general.opendj_backendprop": {
    args: {
      hostname: "h",
      port: 4444,
      password: "a secret",
      backend: "userRoot",
      name: "index-entry-limit",
      value: "5000",
    },
    programs: { "/opt/opendj/bin/dsconfig": "echo index-entry-limit:4000" },
  },
  "community.general.pacemaker_cluster": {
    args: { state: "online", timeout: 1 },
    programs: { pcs: SAYS },
  },
  "community.general.pacman": { programs: { pacman: SAYS } },
  "community.general.pkgin": {
    programs: { pkgin: "echo pkgin 22.10.0 for NetBSD" },
  },
  "community.general.pkgng": {
    programs: {
      pkg: 'case "$1" in -v) echo 1.20.9 ;; info) exit 1 ;; *) echo OK ;; esac',
    },
  },
  "community.general.say": {
    args: { msg: "hello there", voice: "Zarvox" },
    programs: { say: SAYS },
  },
  "community.general.sensu_subscription": {
    args: { name: "web", path: "/etc/sensu/conf.d/subscriptions.json" },
    files: { "/etc/sensu/conf.d/subscriptions.json": "{}" },
  },
  "community.general.slackpkg": {
    files: { "/var/log/packages/bar-1.0-x86_64-1": "" },
  },
  "community.general.supervisorctl": {
    programs: {
      supervisorctl: 'echo "my_app                  STOPPED   Not started"',
    },
  },
  "community.general.swdepot": {
    programs: {
      "/usr/sbin/swinstall": SAYS,
      "/usr/sbin/swlist": "echo unzip-6.0 1.0",
    },
  },
  "community.general.sysupgrade": {
    programs: { "/usr/sbin/sysupgrade": SAYS },
  },
  "community.general.zfs": {
    programs: {
      zfs: 'case "$1" in list) exit 1 ;; *) echo done ;; esac',
      zpool:
        "printf 'NAME PROPERTY VALUE SOURCE\\nrpool version 28 default\\n'",
    },
  },
  "community.general.zpool_facts": {
    programs: {
      zpool: `case "$1" in
list) echo rpool ;;
get) printf 'rpool\\tsize\\t1G\\t-\\n' ;;
esac`,
    },
  },
  "community.network.dladm_linkprop": {
    args: { link: "e1000g1", property: "mtu", value: "9000" },
  },
  "community.rabbitmq.rabbitmq_feature_flag": {
    programs: RABBITMQ("maintenance_mode_status\\tdisabled\\n"),
  },
  "community.rabbitmq.rabbitmq_global_parameter": {
    args: { name: "cluster_name", value: '"mq"', state: "present" },
    programs: RABBITMQ('cluster_name\\t"other"\\n'),
  },
  "community.rabbitmq.rabbitmq_policy": {
    args: { name: "HA", pattern: ".*", tags: { "ha-mode": "all" } },
    programs: RABBITMQ(""),
  },
  "community.rabbitmq.rabbitmq_user_limits": { programs: RABBITMQ("[]") },
  "community.rabbitmq.rabbitmq_vhost_limits": { programs: RABBITMQ("[]") },
  "containers.podman.podman_container": { programs: PODMAN },
  "containers.podman.podman_load": {
    args: { input: "/srv/image.tar" },
    files: { "/srv/image.tar": "x" },
    programs: PODMAN,
  },
  "containers.podman.podman_login_info": { programs: PODMAN },
  "containers.podman.podman_network_info": { programs: PODMAN },
  "containers.podman.podman_prune": {
    args: { container: true, container_filters: { until: "24h" } },
    programs: PODMAN,
  },
  "containers.podman.podman_secret": { programs: PODMAN },
  "containers.podman.podman_tag": { programs: PODMAN },
  "containers.podman.podman_volume_info": { programs: PODMAN },
  "dellemc.os10.bgp_validate": {
    args: { show_ip_bgp: "", show_ip_intf_brief: "", bgp_neighbors: [] },
  },
  "dellemc.os10.vlt_validate": {
    args: {
      show_vlt: "",
      show_system_network_summary: "",
      intended_vlt_pairs: [],
    },
  },
  "gluster.gluster.gluster_heal_info": { programs: GLUSTER },
  "gluster.gluster.gluster_peer": { programs: GLUSTER },
};
