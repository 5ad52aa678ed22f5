// Logging in without keys: passwords and questions.
import { assertEquals, assertRejects } from "@std/assert";
import type { AuthContext } from "ssh2";
import { ConnectError } from "../../../../src/errors.ts";
import {
  createSshTransport,
  parseKnownHosts,
  type SshOptions,
} from "../../../../src/transport/ssh/ssh_transport.ts";
import type { Transport } from "../../../../src/transport/transport.ts";
import { type SshServer, startSshServer } from "../../../support/ssh_server.ts";

const signal = new AbortController().signal;

interface Lab {
  readonly server: SshServer;
  readonly transport: Transport;
  open(): Promise<unknown>;
}

function withServer(
  name: string,
  { authenticate, ssh }: {
    authenticate: (context: AuthContext) => void;
    ssh: Partial<SshOptions>;
  },
  fn: (lab: Lab) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const server = await startSshServer({ authenticate });
    const transport = createSshTransport({
      knownHosts: parseKnownHosts([{
        path: "known_hosts",
        text: server.knownHosts,
      }]),
      agentSocket: "",
      home: server.folder,
      ...ssh,
    });
    const endpoint = server.endpoint({ identityFiles: [] });
    try {
      await fn({
        server,
        transport,
        open: () => transport.open(endpoint, { signal }),
      });
    } finally {
      transport.close();
      await server.stop();
    }
  });
}

/** Lets in who knows the password; counts the tries. */
function passwordOnly(password: string, tries: string[] = []) {
  return (context: AuthContext) => {
    if (context.method !== "password") return context.reject(["password"]);
    tries.push(context.password);
    if (context.password === password) context.accept();
    else context.reject(["password"]);
  };
}

/** Asks questions, and lets in who answers them all. */
function questions(expected: Record<string, string>) {
  return (context: AuthContext) => {
    if (context.method !== "keyboard-interactive") {
      return context.reject(["keyboard-interactive"]);
    }
    const prompts = Object.keys(expected)
      .map((prompt) => ({ prompt, echo: false }));
    context.prompt(prompts, "Welcome", "Two questions", (answers) => {
      const right = Object.values(expected);
      if (right.every((answer, i) => answer === answers[i])) context.accept();
      else context.reject(["keyboard-interactive"]);
    });
  };
}

withServer("a password lets in", {
  authenticate: passwordOnly("sesame"),
  ssh: { password: () => Promise.resolve("sesame") },
}, async ({ open }) => {
  await Promise.all([open(), open(), open()]);
});

const tries: string[] = [];
withServer("a wrong password is tried once for all hosts", {
  authenticate: passwordOnly("sesame", tries),
  ssh: { password: () => Promise.resolve("wrong") },
}, async ({ open }) => {
  const opening = [1, 2, 3, 4].map(() => assertRejects(open, ConnectError));
  const errors = await Promise.all(opening);
  const messages = errors.map(({ message }) => message);
  assertEquals(errors.some(({ mayPass }) => mayPass), false);
  assertEquals(tries, ["wrong"]);
  assertEquals(messages.toSorted(), [
    "Cannot log in to web1 as deploy: it refused the password",
    ...Array.from(
      { length: 3 },
      () =>
        "Cannot log in to web1 as deploy: the password was not tried, because web1 refused it",
    ),
  ]);
});

withServer("a password may be given again after a wrong one", {
  authenticate: passwordOnly("sesame"),
  ssh: {
    password: (_endpoint, { refused }) =>
      Promise.resolve(refused === undefined ? "wrong" : "sesame"),
  },
}, async ({ open }) => {
  await open();
});

withServer("a host that asks for the password as a question gets it", {
  authenticate: questions({ "Passwort: ": "sesame" }),
  ssh: { password: () => Promise.resolve("sesame") },
}, async ({ open }) => {
  await open();
});

withServer("other questions of a host are passed on", {
  authenticate: questions({ "Password: ": "sesame", "One-time code: ": "123" }),
  ssh: {
    password: () => Promise.resolve("sesame"),
    answer: (endpoint, question) => {
      assertEquals(endpoint.name, "web1");
      assertEquals(question, {
        text: "One-time code: ",
        instructions: "Two questions",
        echo: false,
      });
      return Promise.resolve("123");
    },
  },
}, async ({ open }) => {
  await open();
});

withServer("the error shows a question without an answer", {
  authenticate: questions({ "Password: ": "sesame", "Color?": "blue" }),
  ssh: {
    password: () => Promise.resolve("sesame"),
    answer: () => Promise.resolve(undefined),
  },
}, async ({ open }) => {
  const error = await assertRejects(open, ConnectError);
  assertEquals(
    error.message,
    'Cannot log in to web1 as deploy: it asks "Color?", and there is no answer',
  );
  assertEquals(
    error.hint,
    "Run ftl in a terminal, where it can ask you",
  );
});

withServer(
  "a host that accepted nothing before may not ask, when that is disabled",
  {
    authenticate: questions({ "Password: ": "sesame" }),
    ssh: {
      answersAlone: false,
      answer: () => Promise.reject(new Error("the user must not be asked")),
    },
  },
  async ({ open }) => {
    const error = await assertRejects(open, ConnectError);
    assertEquals(
      error.hint,
      "Give a password with `password`; the host accepts keyboard-interactive",
    );
  },
);

withServer("a key and then a code, where a host wants both", {
  authenticate: (context) => {
    if (context.method === "publickey") {
      context.reject(["keyboard-interactive"], true);
    } else if (context.method === "keyboard-interactive") {
      context.prompt([{ prompt: "Code: ", echo: true }], ([code]) => {
        if (code === "123") context.accept();
        else context.reject(["keyboard-interactive"]);
      });
    } else context.reject(["publickey"]);
  },
  ssh: {
    answersAlone: false,
    answer: (_endpoint, { text }) =>
      Promise.resolve(text === "Code: " ? "123" : undefined),
  },
}, async ({ transport, server }) => {
  await transport.open(server.endpoint(), { signal });
});

withServer("time that a person takes is not the host's", {
  authenticate: passwordOnly("sesame"),
  ssh: {
    connectTimeoutMs: 250,
    password: () =>
      new Promise((resolve) => setTimeout(resolve, 400, "sesame")),
  },
}, async ({ open }) => {
  await open();
});

withServer("a key and then a password, where a host wants both", {
  authenticate: (context) => {
    if (context.method === "password" && context.password === "sesame") {
      context.accept();
    } else if (context.method === "publickey") {
      context.reject(["password"], true);
    } else context.reject(["publickey"]);
  },
  ssh: { password: () => Promise.resolve("sesame") },
}, async ({ transport, server }) => {
  await transport.open(server.endpoint(), { signal });
});

for (
  const [what, prompts, rounds] of [
    ["rounds without end", 1, Infinity],
    ["a hundred questions at once", 100, 1],
  ] as const
) {
  let asked = 0;
  withServer(`a host that asks ${what} is not let go on`, {
    authenticate: (context) => {
      if (context.method !== "keyboard-interactive") {
        return context.reject(["keyboard-interactive"]);
      }
      const ask = (round: number) =>
        context.prompt(
          Array.from({ length: prompts }, () => ({ prompt: "?", echo: true })),
          () => round < rounds ? ask(round + 1) : context.reject(),
        );
      ask(1);
    },
    ssh: {
      answer: () => {
        asked++;
        return Promise.resolve("yes");
      },
    },
  }, async ({ open }) => {
    await assertRejects(open, ConnectError, "it asks");
    assertEquals(asked <= 10, true, `${asked} answers were given`);
  });
}

Deno.test("a host that hangs up at once is said to have been offered no key", async () => {
  const server = await startSshServer({ hangsUpAtLogin: true });
  const transport = createSshTransport({
    hostKeys: "off",
    agentSocket: "",
    home: server.folder,
  });
  try {
    const endpoint = server.endpoint({ identityFiles: [] });
    const open = () => transport.open(endpoint, { signal });
    const { message } = await assertRejects(open, ConnectError);
    assertEquals(
      message,
      "Cannot log in to web1 as deploy: the host closed the connection; " +
        "it had not been offered a key",
    );
  } finally {
    transport.close();
    await server.stop();
  }
});
