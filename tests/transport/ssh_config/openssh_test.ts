// Files of ssh_config as people have them, and what `ssh -G`, OpenSSH's own
// answer, says that they mean.
import { assertEquals } from "@std/assert";
import { bothAnswers, type Files, ssh } from "./ssh_g.ts";

interface Case {
  readonly what: string;
  readonly files: Files;
  readonly hosts: readonly string[];
}

const CASES: readonly Case[] = [
  {
    what: "nearly everything in one file",
    files: {
      config: `
# A comment, and a line with = and quotes
Match localuser nobody,!*
  User nobody
Host *
  Include FOLDER/conf.d/*
  Port 2200
Match all
User="default user"
Host web* !web9 # trailing
  HostName = %h.example
    ServerAliveCountMax 6
  IdentityFile ~/.ssh/first
  UserKnownHostsFile /k1 /k2
host jump
	ProxyJump root@bastion:22,other
Host jump direct
  ProxyCommand nc -x 'a b' %h %p
Match host *.example user deploy
  IdentityFile /matched
Match originalhost=direct
  ServerAliveInterval 17
Match !host *.example,jump exec true
  HostKeyAlias unnamed
Match host "web1.example" exec false
  HostKeyAlias never
Host *
  IdentityFile /last
  ServerAliveInterval 30
  ConnectTimeout 12
  StrictHostKeyChecking accept-new
Match final host web2.example
  ServerAliveCountMax 9
`,
      "conf.d/a.conf": "Host web2\n  User second\n  HostKeyAlias alias\n",
      "conf.d/b.conf":
        "ServerAliveCountMax 4\nHost direct\nIdentitiesOnly yes\n",
      "conf.d/.hidden": "Port 1\n",
    },
    hosts: ["web1", "web2", "web9", "jump", "direct", "deploy@web3"],
  },
  {
    what: "a company's bastions, the special before the general",
    files: {
      config: `
Host bastion-eu
  HostName bastion.eu.corp.example
  User jump
  IdentityFile ~/.ssh/corp_ed25519
  IdentitiesOnly yes

Host *.eu.corp !bastion-eu
  ProxyJump bastion-eu
  User ops

Host db-??.eu.corp
  User postgres
  Port 2222

Host *.corp
  IdentityFile ~/.ssh/corp_ed25519
  IdentityFile ~/.ssh/corp_rsa
  UserKnownHostsFile ~/.ssh/known_hosts.corp

Host *
  ServerAliveInterval 60
  ServerAliveCountMax 2
`,
    },
    hosts: [
      "bastion-eu",
      "app.eu.corp",
      "db-01.eu.corp",
      "db-1.eu.corp",
      "ann@db-01.eu.corp",
      "elsewhere",
    ],
  },
  {
    what: "a virtual machine as vagrant writes it",
    files: {
      config: `Host default
  HostName 127.0.0.1
  User vagrant
  Port 2222
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile "/home/ann/my boxes/private_key"
  IdentitiesOnly yes
  LogLevel FATAL
`,
    },
    hosts: ["default", "Default", "default2"],
  },
  {
    what: "a cloud's session manager as ProxyCommand",
    files: {
      config: `Host i-* mi-*
  ProxyCommand sh -c "aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters 'portNumber=%p'"
  User ec2-user
Host i-0123456789abcdef0
  User ubuntu
`,
    },
    hosts: ["i-0123456789abcdef0", "mi-1", "web1"],
  },
  {
    what: "a way that is taken back for some hosts",
    files: {
      config: `Host near.lab
  ProxyJump none
Host tunnel.lab
  ProxyCommand none
Host *.lab
  ProxyJump gate
Host far.lab
  ProxyCommand nc %h %p
`,
    },
    hosts: ["near.lab", "tunnel.lab", "far.lab", "other.lab"],
  },
  {
    what: "files that include others, within a condition and without",
    files: {
      config: `Include FOLDER/work/*.conf FOLDER/missing.conf
Host home
  Include FOLDER/home.conf
  Port 4000
Include ~/.ssh/nowhere/*
Host *
  User last
`,
      "work/10-a.conf":
        "Host work1\n  Port 1001\n  Include FOLDER/work/nested/deep\n",
      "work/20-b.conf": "Host work1 work2\n  Port 1002\n  User b\n",
      "work/nested/deep": "User deep\nHost work2\n  User never\n",
      "home.conf": "User ann\nHost other\n  User never\n",
    },
    hosts: ["work1", "work2", "home", "other"],
  },
  {
    what: "the criteria of Match, each alone and together",
    files: {
      config: `Match originalhost short,alias*
  HostName long.example
Match host long.example
  User by-host
Match host "long.*" user by-host localuser root
  Port 7001
Match !originalhost short host long.example
  ServerAliveInterval 9
Match user nobody,by-*
  ConnectTimeout 5
Match originalhost alias1 exec "test %h = long.example"
  HostKeyAlias by-exec
Match originalhost alias2 exec "test %h = short"
  HostKeyAlias never
Match !localuser root
  HostKeyAlias never
Match all
  ServerAliveCountMax 8
`,
    },
    hosts: ["short", "alias1", "alias2", "nobody@alias1", "long.example"],
  },
  {
    what: "Match final, after all else is known",
    files: {
      config: `Match final host *.internal
  ProxyJump gate
Host app
  HostName app.internal
Match final all
  ServerAliveInterval 21
Host *
  ServerAliveInterval 5
`,
    },
    hosts: ["app", "app.internal", "web"],
  },
  {
    what: "several keys, named twice and in several places",
    files: {
      config: `Host a
  IdentityFile ~/.ssh/one
  IdentityFile ~/.ssh/two
Host a b
  IdentityFile ~/.ssh/one
  IdentityFile /keys/%r@%h
Host *
  IdentityFile ~/.ssh/last
`,
    },
    hosts: ["a", "b", "c", "ann@a"],
  },
  {
    what: "negation: it excludes, and alone it matches no host",
    files: {
      config: `Host !secret
  User never
Host * !secret !*.bad
  User most
Host secret *.bad
  User few
`,
    },
    hosts: ["secret", "x.bad", "web1"],
  },
  {
    what: "upper case, tabs, equals signs and quotes",
    files: {
      config: `HOST Web1\tweb2
\tHOSTNAME=web.example
\tUser = "ann"
\tport="2022"
\tUSERKNOWNHOSTSFILE "/a b" /c
Host "web3"
  user 'bob'
  ServerAliveInterval 1m
  ConnectTimeout 1m30s
`,
    },
    hosts: ["web1", "Web1", "web2", "web3"],
  },
  {
    what: "addresses instead of names",
    files: {
      config: `Host 10.* !10.0.0.1
  User net10
Host 2001:db8::*
  User six
Host 192.0.2.?
  ProxyJump [2001:db8::1]:2222
`,
    },
    hosts: ["10.1.2.3", "10.0.0.1", "2001:db8::7", "192.0.2.7", "192.0.2.17"],
  },
  {
    what: "host key policies by all their names",
    files: {
      config: ["yes", "no", "off", "ask", "accept-new"].map((policy) =>
        `Host ${policy}\n  StrictHostKeyChecking ${policy}\n`
      ).join(""),
    },
    hosts: ["yes", "no", "off", "ask", "accept-new", "unsaid"],
  },
  {
    what: "keywords that one version knows and another does not",
    files: {
      config: `IgnoreUnknown UseKeychain,AddMagic*
UseKeychain yes
AddMagicKeys yes
Host git
  HostName git.example
  PubkeyAcceptedAlgorithms +ssh-rsa
  HostKeyAlgorithms +ssh-rsa
  ForwardAgent no
  ControlMaster auto
  ControlPath ~/.ssh/cm-%C
`,
    },
    hosts: ["git", "web1"],
  },
  {
    what: "names in known_hosts, whose case and form do not matter",
    files: {
      config: "Host alias\n  HostKeyAlias Web-1.EXAMPLE\n" +
        "Host short\n  HostName 10.1\nHost long\n  HostName 2001:DB8:0:0::1\n",
    },
    hosts: ["alias", "short", "long", "0x7f.1", "08", "1.2.3.4.5", "0:0::1"],
  },
];

for (const { what, files, hosts } of CASES) {
  for (const host of hosts) {
    Deno.test({
      name: `${what}: ${host} means what it means to ssh -G${ssh.suffix}`,
      ignore: ssh.ignore,
      fn: async () => {
        const { ours, theirs } = await bothAnswers(files, host);
        assertEquals(ours, theirs);
      },
    });
  }
}
