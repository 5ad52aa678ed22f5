// The accounts of the odd hosts: one for each oddity, and how its home, its
// shell or its server is made odd. Scripts run as root where the homes are.

/** A server, by what is odd about the machine that it is on. */
export type Machine = "plain" | "full" | "bare" | "platform" | "dropbear";

/** One odd host: an account on one of the machines. */
export interface OddAccount {
  /** What is odd, in the words of docs/hosts.md. */
  readonly oddity: string;
  /** The name of the host, and of the user unless `user` is given. */
  readonly name: string;
  readonly user?: string;
  readonly machine?: Machine;
  /** The login shell; a text with lines becomes a script. Default: bash. */
  readonly shell?: string;
  /** Files of its home. */
  readonly files?: Readonly<Record<string, string>>;
  /** Run when all homes are there; `$HOME` is this one's. */
  readonly setUp?: string;
  /** Lines of sshd_config for this user. */
  readonly sshd?: readonly string[];
  /** Before the key in authorized_keys. */
  readonly keyOptions?: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** Why no gate runs there: what the error and its hint say. */
  readonly noGate?: RegExp;
  /** Why not even a shell command does. */
  readonly noCommand?: RegExp;
  /** The version of pyenv's Python that it has. */
  readonly python?: "3.6" | "2.7";
}

/** A library that tells programs another time. */
export const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/** A login shell that lets the gate come up, and then speaks in its place. */
function afterUp(then: string): string {
  return `#!/bin/sh
sh -c "$2" | SSHD=$PPID perl -e '
  my ($all, $sent) = ("", 0);
  $| = 1;
  while (sysread STDIN, my $chunk, 65536) {
    $all .= $chunk;
    my $isUp = $all =~ /-up\\n/;
    my $end = $isUp ? $+[0] : length $all;
    print substr($all, $sent, $end - $sent);
    $sent = $end;
    next unless $isUp;
    ${then}
    exit;
  }'
`;
}

const NOISE =
  /printed more than 64 KiB.*Change \.bashrc and similar files to print nothing/s;
const STUCK = /shell has (?:said|printed) nothing for 10 s.*Log in by hand/s;

/** Refuses both. */
function refuses(why: RegExp): Pick<OddAccount, "noGate" | "noCommand"> {
  return { noGate: why, noCommand: why };
}

const FULL_HOME = "mount -t tmpfs -o size=64k,mode=755 tmpfs $HOME; " +
  "chown $USER $HOME; head -c 1m /dev/zero >$HOME/fill 2>/dev/null || :";

const PYTHON36 =
  "SetEnv PATH=/opt/py36/bin:/usr/bin:/bin LD_LIBRARY_PATH=/opt/py36/lib";

export const ACCOUNTS: readonly OddAccount[] = [
  { name: "good", oddity: "nothing" },

  { name: "bash", oddity: "login shell bash", shell: "/bin/bash" },
  { name: "dash", oddity: "login shell dash", shell: "/bin/dash" },
  { name: "zsh", oddity: "login shell zsh", shell: "/usr/bin/zsh" },
  { name: "fish", oddity: "login shell fish", shell: "/usr/bin/fish" },
  { name: "tcsh", oddity: "login shell tcsh", shell: "/usr/bin/tcsh" },

  {
    name: "chatty",
    oddity: "`.bashrc` prints a few lines",
    files: { ".bashrc": "echo welcome, you have mail\n" },
  },
  {
    name: "talkative",
    oddity: "`.bashrc` prints more than 64 KiB",
    files: { ".bashrc": "head -c 200000 /dev/zero | tr '\\0' x\n" },
    ...refuses(NOISE),
  },
  {
    name: "endless-login",
    oddity: "`.bashrc` prints without end",
    files: { ".bashrc": "yes welcome\n" },
    ...refuses(NOISE),
  },
  {
    name: "stuck-login",
    oddity: "`.bashrc` never ends",
    files: { ".bashrc": "sleep 1000\n" },
    ...refuses(STUCK),
  },
  {
    name: "bannered",
    oddity: "a banner before the login",
    sshd: ["Banner %FOLDER%/sshd_config"],
  },
  {
    name: "umask",
    oddity: "umask 077",
    files: { ".bashrc": "umask 077\n" },
  },
  { name: "plain-c", oddity: "locale C", sshd: ["SetEnv LC_ALL=C LANG=C"] },
  {
    name: "stray",
    oddity: "a stray `~/json.py`",
    files: { "json.py": "open('imported', 'w')\n" },
  },

  { name: "homeless", oddity: "HOME is missing", setUp: "rm -rf $HOME" },
  {
    name: "read-only",
    oddity: "HOME is read-only",
    setUp: "mount --bind $HOME $HOME; mount -o remount,bind,ro $HOME",
  },
  { name: "no-room", oddity: "HOME is full", setUp: FULL_HOME },
  {
    name: "not-mine",
    oddity: "HOME belongs to another user",
    setUp: "chown root $HOME",
  },
  {
    name: "noexec",
    oddity: "HOME is mounted noexec",
    setUp: "mount -t tmpfs -o noexec,mode=755 tmpfs $HOME; chown $USER $HOME",
  },
  ...[1, 2, 3, 4, 5, 6].map((i) => ({
    name: `shared${i}`,
    oddity: "HOME is shared by many hosts",
    user: "shared",
  })),
  {
    name: "full-tmp",
    oddity: "`/tmp` and `/var/tmp` are full",
    machine: "full",
  },
  {
    name: "full-everything",
    oddity: "no folder can be written to",
    machine: "full",
    setUp: FULL_HOME,
  },

  {
    name: "python36",
    oddity: "no Python but `python3.6`",
    machine: "bare",
    python: "3.6",
    sshd: [PYTHON36],
  },
  {
    name: "platform-python",
    oddity: "no Python but `/usr/libexec/platform-python`",
    machine: "platform",
    python: "3.6",
    sshd: ["SetEnv LD_LIBRARY_PATH=/opt/py36/lib"],
  },
  {
    name: "python27",
    oddity: "no Python but 2.7",
    machine: "bare",
    python: "2.7",
    sshd: ["SetEnv LD_LIBRARY_PATH=/opt/py27/lib"],
    vars: { ansible_python_interpreter: "/opt/py27/bin/python2.7" },
    noGate: /python2\.7 is 2\.7\.\d+, and a gate needs 3\.6 or later/,
  },
  {
    name: "no-python",
    oddity: "no Python at all",
    machine: "bare",
    noGate: /Cannot find Python on the host: tried .*Install Python 3\.6/s,
  },

  {
    name: "ahead",
    oddity: "a clock that is years off",
    sshd: [`SetEnv LD_PRELOAD=${FAKETIME} FAKETIME=+3000d`],
  },
  {
    name: "clock",
    oddity: "a clock that is years off",
    sshd: [`SetEnv LD_PRELOAD=${FAKETIME} FAKETIME=-3000d`],
  },

  {
    name: "forced",
    oddity: "a forced command (`command=` in authorized_keys)",
    keyOptions: 'command="echo backups only" ',
    ...refuses(/printed "backups only".*forced command/s),
  },
  {
    name: "nologin",
    oddity: "login shell `nologin`",
    shell: "/usr/sbin/nologin",
    ...refuses(/currently not available.*login shell is nologin/s),
  },
  {
    name: "sftp-only",
    oddity: "SFTP only (`ForceCommand internal-sftp`)",
    sshd: ["ForceCommand internal-sftp"],
    ...refuses(/sftp connections only.*allows only SFTP/s),
  },
  {
    name: "restricted",
    oddity: "a restricted shell (rbash)",
    shell: "/bin/rbash",
    ...refuses(/exec: restricted.*login shell is restricted/s),
  },

  {
    name: "hangs-up",
    oddity: "hangs up after the login",
    shell: "#!/bin/sh\nkill -9 $PPID\n",
    noGate: /Lost the connection.* before the host was ready/,
    // Its script was sent: another shell could have run it first.
    noCommand: /Lost the connection.*the call may have taken effect/,
  },
  {
    name: "cut",
    oddity: "is cut off in the middle of a frame",
    shell: afterUp('print "000000ff[\\"Hello\\""; kill 9, $ENV{SSHD};'),
    noGate: /Lost the gate: the connection was lost|Lost the connection/,
  },
  {
    name: "garbage",
    oddity: "answers with garbage",
    shell: afterUp('print "what is this?\\n" x 1000;'),
    noGate: /broke the protocol: cannot read a frame/,
  },
  {
    name: "endless",
    oddity: "answers without end",
    shell: afterUp('print "03ffffff["; print "\\"aaaaaaaa\\"," while 1;'),
    noGate: /broke the protocol: cannot read JSON/,
  },

  {
    name: "dropbear",
    oddity: "dropbear in place of OpenSSH",
    machine: "dropbear",
  },
];
