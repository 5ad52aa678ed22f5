// Hosts that need more than a key, and questions in a terminal: each question is
// asked once, whatever the number of hosts.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { AuthContext } from "ssh2";
import { type Account, createAccount, mainCommand } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";
import { type SshServer, startSshServer } from "../support/ssh_server.ts";
import { Screen, tmuxNeed } from "../support/tmux.ts";

const keygenNeed = needProgram("ssh-keygen");

/** A server's password authentication, which records attempts. */
function door(password: string, code?: string) {
  const tries: string[] = [];
  const authenticate = (context: AuthContext) => {
    if (context.method === "password" && code === undefined) {
      tries.push(context.password);
      if (context.password === password) return context.accept();
    } else if (context.method === "keyboard-interactive" && code) {
      const prompts = [
        { prompt: "Password: ", echo: false },
        { prompt: "Choose:\n 1. Push\x1b[2J\nPasscode:", echo: true },
      ];
      return context.prompt(prompts, (answers) => {
        tries.push(answers.join(" "));
        if (answers.join(" ") === `${password} ${code}`) context.accept();
        else context.reject(["keyboard-interactive"]);
      });
    }
    context.reject([code === undefined ? "password" : "keyboard-interactive"]);
  };
  return { tries, authenticate };
}

interface Lab {
  readonly account: Account;
  readonly server: SshServer;
  /** The arguments of a command on hosts that are all this server. */
  words(names: string, ...more: string[]): string[];
  open(...words: string[]): Promise<Screen>;
}

async function createLab(
  options: Parameters<typeof startSshServer>[0],
): Promise<Lab & AsyncDisposable> {
  const account = await createAccount();
  const server = await startSshServer(options);
  const known = join(account.home, "known_hosts");
  await Deno.writeTextFile(known, server.knownHosts);
  const { command, env } = mainCommand(account.home);
  return {
    account,
    server,
    words: (names, ...more) => [
      ...["exec", "-i", names, "-u", "ann", "--port", String(server.port)],
      ...["-e", "ansible_host=127.0.0.1", "--known-hosts", known, ...more],
      ...["--", "echo", "let in"],
    ],
    open: (...words) => Screen.open({ command: [...command, ...words], env }),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await account[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  name:
    `a password is asked for once, and again if it was wrong${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  fn: async () => {
    const { tries, authenticate } = door("sesame");
    await using lab = await createLab({ authenticate });
    await using screen = await lab.open(...lab.words("a,b,c,", "-k"));
    await screen.see(/^SSH password:$/m);
    await screen.type("open");
    await screen.see(/^ann@[abc] refused it. SSH password:$/m);
    await screen.type("sesame");
    const text = await screen.see("[ended 0]");
    assertStringIncludes(text, "a,b,c (3): ok, rc 0\n  let in");
    assertEquals(tries.toSorted(), ["open", "sesame", "sesame", "sesame"]);
  },
});

Deno.test({
  name:
    `other questions of a host are asked for each host, with its name${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore,
  fn: async () => {
    const { authenticate } = door("sesame", "123");
    await using lab = await createLab({ authenticate });
    await using screen = await lab.open(...lab.words("a,b,", "-k"));
    await screen.see(/^SSH password:$/m);
    await screen.type("sesame");
    const text = await screen.see(/^[ab] asks: "Passcode:"$/m);
    assertMatch(text, /^([ab]): Choose:\n\1: +1\. Push\\x1b\[2J\n\1 asks: /m);
    await screen.type("123");
    await screen.see(/asks: "Passcode:" 123\n[^]*^[ab] asks: "Passcode:"$/m);
    await screen.type("123");
    assertStringIncludes(
      await screen.see("[ended 0]"),
      "a,b (2): ok, rc 0\n  let in",
    );
  },
});

Deno.test({
  name:
    `a passphrase is asked for once, and again if it was wrong${keygenNeed.suffix}${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore || keygenNeed.ignore,
  fn: async () => {
    await using lab = await createLab({});
    const { identityFile } = lab.server;
    const { success } = await new Deno.Command("ssh-keygen", {
      args: ["-q", "-p", "-N", "open sesame", "-f", identityFile],
    }).output();
    assertEquals(success, true);
    const key = ["--private-key", identityFile];
    await using screen = await lab.open(...lab.words("a,b,c,", ...key));
    await screen.see(new RegExp(`^Passphrase for ${identityFile}:$`, "m"));
    await screen.type("sesame");
    await screen.see(/^Wrong passphrase\. Passphrase for/m);
    await screen.type("open sesame");
    const text = await screen.see("[ended 0]");
    assertStringIncludes(text, "a,b,c (3): ok, rc 0\n  let in");
    assertEquals(text.match(/Passphrase for/g)?.length, 2);
  },
});

Deno.test({
  name:
    `the console asks above its line for gates that open in the background${keygenNeed.suffix}${tmuxNeed.suffix}`,
  ignore: tmuxNeed.ignore || keygenNeed.ignore,
  fn: async () => {
    await using lab = await createLab({});
    const { identityFile } = lab.server;
    await new Deno.Command("ssh-keygen", {
      args: ["-q", "-p", "-N", "sesame", "-f", identityFile],
    }).output();
    const words = lab.words("a,b,", "--private-key", identityFile);
    await using screen = await lab.open(
      "console",
      ...words.slice(1, words.indexOf("--")),
    );
    await screen.see(/^Passphrase for .*:$/m);
    await screen.keys("ope", "C-c"); // withdraws it: the hosts do not open
    await screen.see(/failed to open[^]*all 0\/2>$/m);
    await screen.type("!echo $((40 + 2))");
    await screen.see(/> !echo.*\n[^]*Passphrase for .*:$/m);
    await screen.type("sesame");
    const text = await screen.see(/a,b \(2\): ok, rc 0\n +42\n[^]*all \d\/2>$/);
    assertEquals(text.match(/sesame|ope\n/), null);
    await screen.keys("C-d");
    await screen.see("[ended 0]");
  },
});

Deno.test("without a terminal, a password can come from a file or a program", async () => {
  const { tries, authenticate } = door("sesame");
  await using lab = await createLab({ authenticate });
  const file = join(lab.account.home, "password");
  await Deno.writeTextFile(file, "sesame\n", { mode: 0o600 });
  const words = lab.words("a,b,", "--password-file", file);
  const right = await lab.account.ftl(words);
  assertEquals([right.code, tries], [0, ["sesame", "sesame"]], right.stderr);

  await Deno.writeTextFile(file, "wrong\n");
  const wrong = await lab.account.ftl(words);
  assertEquals([wrong.code, tries.slice(2)], [3, ["wrong"]]);
  assertMatch(
    wrong.stdout,
    /Cannot reach ([ab]): it is the same server as [ab], and would fail in the same way: Cannot log in to [ab] as ann: it refused the password/,
  );

  const none = await lab.account.ftl(lab.words("a,"));
  assertEquals(none.code, 3);
  assertStringIncludes(
    none.stdout,
    "Give a password with -k or --password-file; the host accepts password",
  );
});

Deno.test("without a terminal, -k fails before any host is contacted", async () => {
  const { authenticate } = door("sesame");
  await using lab = await createLab({ authenticate });
  const { command, env } = mainCommand(lab.account.home);
  const { code, stderr } = await new Deno.Command("setsid", {
    args: ["-w", ...command, ...lab.words("a,", "-k")],
    clearEnv: true,
    env,
    stdin: "null",
  }).output();
  assertEquals(code, 2);
  assertEquals(
    new TextDecoder().decode(stderr),
    'ftl: Cannot ask "SSH password": there is no terminal\n' +
      "     Give the password with --password-file FILE\n",
  );
  assertEquals(lab.server.sockets, 0);
});
