// Calls that are about what belongs to the machine.
import type { Case } from "./case.ts";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnTHrZ1cQfF1KyhEIYKBFDUaPTkHHvD7CLvPmYbfvYl";

export const SYSTEM_CASES: readonly Case[] = [
  {
    does: "makes a user",
    module: "user",
    args: { name: "ftl-u", uid: 7001, comment: "x", create_home: false },
    changesSystem: true,
    isShort: true,
  },
  {
    does: "gives a user a home and a key",
    module: "user",
    args: { name: "ftl-u", shell: "/bin/sh", groups: "games", append: true },
    before: "useradd -u 7001 -M ftl-u",
    changesSystem: true,
  },
  {
    does: "hides a password",
    module: "user",
    args: { name: "ftl-u", password: "$6$abcdefgh$secretsecretsecret" },
    before: "useradd -u 7001 -M ftl-u",
    changesSystem: true,
  },
  {
    does: "removes a user",
    module: "user",
    args: { name: "ftl-u", state: "absent", remove: true },
    before: "useradd -u 7001 -m ftl-u",
    changesSystem: true,
  },
  {
    does: "fails for a group that is not there",
    module: "user",
    args: { name: "ftl-u", group: "no-such-group" },
    changesSystem: true,
  },
  {
    does: "makes a group",
    module: "group",
    args: { name: "ftl-g", gid: 7002 },
    changesSystem: true,
  },
  {
    does: "fails for a number that is taken",
    module: "group",
    args: { name: "ftl-g", gid: 0 },
    changesSystem: true,
  },
  {
    does: "adds a job",
    module: "cron",
    args: { name: "job", minute: "5", hour: "1,2", job: "ls > /dev/null" },
    changesSystem: true,
  },
  {
    does: "removes a job",
    module: "cron",
    args: { name: "job", state: "absent", cron_file: "ftl" },
    before: "printf '#Ansible: job\\n5 * * * * root ls\\n' > /etc/cron.d/ftl",
    changesSystem: true,
  },
  {
    does: "fails without a job",
    module: "cron",
    args: { name: "job" },
    changesSystem: true,
  },
  {
    does: "adds a key",
    module: "authorized_key",
    args: { user: "root", key: `${KEY} me`, path: "$D/keys" },
    files: { keys: "" },
  },
  {
    does: "fails for an invalid key",
    module: "ansible.posix.authorized_key",
    args: { user: "root", key: "no key", path: "$D/keys" },
    files: { keys: "" },
  },
  {
    does: "adds a host",
    module: "known_hosts",
    args: { name: "h1", key: `h1 ${KEY}`, path: "$D/known" },
    files: { known: "" },
  },
  {
    does: "fails for a key of another host",
    module: "known_hosts",
    args: { name: "h1", key: `h2 ${KEY}`, path: "$D/known" },
    files: { known: "" },
  },
  {
    does: "would set a name",
    module: "hostname",
    args: { name: "ftl-name", use: "debian" },
    only: "check",
  },
  {
    does: "fails for an unknown strategy",
    module: "hostname",
    args: { name: "x", use: "windows" },
    only: "check",
  },
  {
    does: "would set a zone",
    module: "timezone",
    args: { name: "Europe/Berlin" },
    only: "check",
  },
  {
    does: "fails for an unknown zone",
    module: "timezone",
    args: { name: "Nowhere/None" },
    only: "check",
  },
  {
    does: "finds a package there",
    module: "apt",
    args: { name: "bash", state: "present" },
    only: "check",
    isShort: true,
  },
  {
    does: "would remove a package",
    module: "apt",
    args: { name: "cron", state: "absent" },
    only: "check",
  },
  {
    does: "fails for an unknown package",
    module: "apt",
    args: { name: "no-such-package-of-ftl" },
    only: "check",
  },
];
