// Checks what a sender says about its call, member by member, before anything in it is
// used: an allowed sender may be hostile or of another build, and where a worker allows
// everybody, anybody who may publish on the NATS server is one. Other members are
// dropped.
import { FtlError } from "../../../errors.ts";
import { BECOME_METHODS } from "../../become/become.ts";
import type {
  Call,
  CallSettings,
  FetchArgs,
  ModuleCall,
  PushArgs,
} from "../../call/call.ts";
import { readBeginLimit } from "./begin_limit.ts";
import { MessageMembers } from "./message_members.ts";
import { readSentContent } from "../files/sent_content.ts";
import type {
  SentBody,
  SentChunk,
  SentHost,
  SentModule,
  SentSettings,
} from "./sent_call.ts";

const KINDS = ["binary", "new", "json", "script", "native", "old"] as const;

/** @throws {FtlError} that names the member which is wrong. */
export function readChunk(bytes: Uint8Array): SentChunk {
  const chunk = MessageMembers.parse(bytes);
  return {
    ftl: chunk.text("ftl"),
    build: chunk.text("build"),
    run: chunk.text("run"),
    chunk: chunk.count("chunk"),
    log: chunk.count("log"),
    detached: chunk.flag("detached"),
    ...chunk.optional("limit", (name) => readBeginLimit(chunk.members(name))),
    hosts: chunk.counts("hosts"),
    ...chunk.optional("body", () => bodyOf(chunk.members("body"))),
    ...chunk.optional("sealed", (name) => chunk.text(name)),
  };
}

/** @throws {FtlError} that names the member which is wrong. */
export function readBody(bytes: Uint8Array): SentBody {
  return bodyOf(MessageMembers.parse(bytes));
}

function bodyOf(body: MessageMembers): SentBody {
  return {
    call: callOf(body.members("call")),
    archive: body.text("archive"),
    modules: body.list(
      "modules",
      (value, path) => moduleOf(new MessageMembers(value, path)),
    ),
    settings: settingsOf(body.members("settings")),
    ...body.optional("files", (name) => readSentContent(body.json(name))),
    hosts: body.list(
      "hosts",
      (value, path) => hostOf(new MessageMembers(value, path)),
    ),
  };
}

/** A reader for each member of a type: a new member without one does not compile. */
type Readers<T> = {
  readonly [K in keyof T]-?: (
    members: MessageMembers,
    name: string,
  ) => Exclude<T[K], undefined>;
};

const flag = (members: MessageMembers, name: string) => members.flag(name);
const text = (members: MessageMembers, name: string) => members.text(name);
const texts = (members: MessageMembers, name: string) => members.texts(name);
const count = (members: MessageMembers, name: string) => members.count(name);
const amount = (members: MessageMembers, name: string) => members.amount(name);

const CALL_SETTINGS: Readers<CallSettings> = {
  check: flag,
  diff: flag,
  env: (call, name) => call.textRecord(name),
  timeoutMs: amount,
  maxOutput: count,
  stream: flag,
  verbosity: count,
  noLog: flag,
  secrets: texts,
};

const MODULE_OPTIONS: Readers<
  Omit<ModuleCall, keyof CallSettings | "module">
> = {
  args: (call, name) => call.json(name),
  native: flag,
  moduleOnly: flag,
  forceArgs: flag,
  fresh: flag,
  background: (call, name) => backgroundOf(call.members(name)),
  render: flag,
  literal: texts,
};

const SETTINGS: Readers<
  Omit<SentSettings, "become" | "linkLoss" | "retries" | "keepInvocation">
> = {
  user: text,
  port: count,
  python: text,
  inMemory: flag,
  transport: (settings, name) => settings.choice(name, ["ssh", "openssh"]),
  connectTimeoutMs: amount,
  becomePassword: text,
  password: text,
};

/** The members that are there. */
function presentIn<T>(
  members: MessageMembers,
  readers: Readers<T>,
): Partial<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  return Object.fromEntries(
    names.filter((name) => members.has(name))
      .map((name) => [name, readers[name](members, name)]),
  ) as Partial<T>;
}

function callOf(call: MessageMembers): Call {
  const settings = presentIn(call, CALL_SETTINGS);
  if (call.has("module")) {
    const options = presentIn(call, MODULE_OPTIONS);
    return { ...settings, module: call.text("module"), ...options };
  }
  if (call.has("command")) {
    const command = call.texts("command");
    return {
      ...settings,
      command,
      ...call.optional("script", (name) => call.flag(name)),
    };
  }
  if (call.has("push")) {
    return { ...settings, push: pushOf(call.members("push")) };
  }
  if (call.has("fetch")) {
    return { ...settings, fetch: fetchOf(call.members("fetch")) };
  }
  if (call.has("open") && call.flag("open")) return { ...settings, open: true };
  throw new FtlError(
    "Cannot make a call of NATS: it names no module, command, push or fetch",
    { hint: "Use the same version of ftl for the run and its workers" },
  );
}

function pushOf(push: MessageMembers): PushArgs {
  const text = (name: string) => push.text(name);
  const flag = (name: string) => push.flag(name);
  return {
    src: push.text("src"),
    dest: push.text("dest"),
    ...push.optional("mode", text),
    ...push.optional("owner", text),
    ...push.optional("group", text),
    ...push.optional("preserve", flag),
    ...push.optional("parents", flag),
    ...push.optional("delete", flag),
  };
}

function fetchOf(fetch: MessageMembers): FetchArgs {
  return {
    src: fetch.text("src"),
    dest: fetch.text("dest"),
    ...fetch.optional("preserve", (name) => fetch.flag(name)),
    ...fetch.optional("max_size", (name) => fetch.count(name)),
  };
}

function backgroundOf(background: MessageMembers) {
  return {
    id: background.text("id"),
    limitMs: background.amount("limitMs"),
    pollMs: background.amount("pollMs"),
  };
}

function moduleOf(module: MessageMembers): SentModule {
  return {
    asked: module.text("asked"),
    native: module.flag("native"),
    prepared: nullable(module, "prepared", (prepared) => ({
      name: prepared.text("name"),
      kind: prepared.choice("kind", KINDS),
      pack: prepared.isNull("pack") ? null : prepared.text("pack"),
      secrets: prepared.texts("secrets"),
      unmasked: prepared.texts("unmasked"),
    })),
    ...module.optional(
      "located",
      () =>
        nullable(module, "located", (located) => ({
          fullName: located.has("fullName")
            ? located.text("fullName")
            : undefined,
          hasAction: located.flag("hasAction"),
        })),
    ),
  };
}

function nullable<T>(
  members: MessageMembers,
  name: string,
  read: (members: MessageMembers) => T,
): T | null {
  return members.isNull(name) ? null : read(members.members(name));
}

function settingsOf(settings: MessageMembers): SentSettings {
  const become = settings.members("become");
  return {
    ...presentIn(settings, SETTINGS),
    become: {
      ...become.optional("enabled", (name) => become.flag(name)),
      ...become.optional(
        "method",
        (name) => become.choice(name, BECOME_METHODS),
      ),
      ...become.optional("user", (name) => become.text(name)),
    },
    linkLoss: settings.choice("linkLoss", ["kill", "finish"]),
    retries: settings.count("retries"),
    keepInvocation: settings.flag("keepInvocation"),
  };
}

function hostOf(host: MessageMembers): SentHost {
  return {
    index: host.count("index"),
    name: host.text("name"),
    // In a list or an object a template would be read as one.
    vars: host.plainRecord("vars"),
    ...host.optional("args", (name) => host.json(name)),
    ...host.optional("secrets", (name) => host.texts(name)),
    ...host.optional("files", (name) => readSentContent(host.json(name))),
  };
}
