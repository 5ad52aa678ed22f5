// The differences between what Ansible and what ftl give for the modules of the
// sample, each with the reason. Whatever is not listed here must be equal.

/** Texts that differ each time, with Ansible too. */
export interface VaryingText {
  /** Absent: those of every module. */
  readonly modules?: readonly string[];
  readonly text: RegExp;
  /** What is compared in its place. */
  readonly as: string;
  readonly reason: string;
}

export const VARYING: readonly VaryingText[] = [
  {
    modules: ["community.general.gunicorn", "community.general.kdeconfig"],
    text: /\/[^\s"=]*\/ansible-moduletmp-[\d.]+-\w{8}(?:\/tmp\w{8})?/g,
    as: "/tmp/module",
    reason:
      "the module's temporary folder: ftl makes it in its own folder, and Ansible in ~/.ansible/tmp",
  },
  {
    modules: [
      "ansible.posix.at",
      "community.general.cronvar",
      "community.general.iso_extract",
    ],
    text: /\/tmp\/(at|crontab|tmp)\w{8}(?!\w)/g,
    as: "/tmp/$1",
    reason: "the module makes a file or folder with a random name",
  },
  {
    modules: ["community.general.alternatives"],
    text: /\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b/g,
    as: "TIME",
    reason: "update-alternatives writes the time into its log",
  },
  {
    modules: ["community.general.pacemaker_cluster"],
    text: /(pcs cluster status\\n)+/g,
    as: "$1",
    reason: "the module asks again until its timeout, as often as it can",
  },
  {
    modules: ["community.general.deploy_helper"],
    text: /\b20\d{12}\b/g,
    as: "TIME",
    reason: "the module names a release after the time",
  },
];

/** Calls whose result differs. */
export interface DifferingCall {
  readonly module: string;
  readonly way: string;
  /** Members of the ending that are not compared. */
  readonly members: readonly string[];
  readonly reason: string;
}

export const DIFFERING: readonly DifferingCall[] = [
  {
    module: "community.general.pacemaker_cluster",
    way: "without arguments",
    members: ["msg", "rc"],
    reason:
      "the module ends without a result. Ansible's wrapper says that it 'did not handle its own exit'; ftl says that it printed no JSON object, as of every module of which that is true",
  },
];

/** What an ending differs in where a module crashes, that is, prints no result. */
export const OF_CRASHES = {
  keys: ["module_stdout", "module_stderr"],
  reason:
    "Ansible puts the output of a module that crashed into its result; ftl gives it beside the result. Its last line is compared: the lines above name the files of each",
};
