// package, service, yum and dnf: the module depends on the host, which is asked
// once for each gate. yum and dnf run no other package manager.
import { BuildError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { ModuleCall } from "../call/call.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { LinkedGate } from "../fleet/host_link.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { OpenHost } from "../work/host_context.ts";
import {
  concludeAction,
  fail,
  runStep,
  textOf,
  without,
} from "./action_result.ts";
import type { Plan, Task } from "../work/task.ts";

/** How one of these actions finds its module. */
interface Choice {
  readonly fact: "ansible_pkg_mgr" | "ansible_service_mgr";
  /** Arguments that name the module; the first one wins. */
  readonly names: readonly string[];
  /** The only modules that it runs; default: any. */
  readonly allowed?: readonly string[];
  /** Aliases of module names. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The module when no module has the name of the fact. */
  readonly otherwise?: string;
  /** The message when the fact is unknown. */
  readonly unknown: string;
}

// VALID_BACKENDS of Ansible's action plugins yum and dnf.
const YUM: Choice = {
  fact: "ansible_pkg_mgr",
  names: ["use", "use_backend"],
  allowed: ["yum", "yum4", "dnf", "dnf4", "dnf5"],
  aliases: { yum4: "dnf", dnf4: "dnf" },
  unknown:
    "Could not detect which major revision of yum or dnf is in use, which is required to determine module backend. Set use_backend to yum, dnf4 or dnf5.",
};

const CHOICES: Readonly<Record<string, Choice>> = {
  package: {
    fact: "ansible_pkg_mgr",
    names: ["use"],
    unknown:
      'Could not detect which package manager to use. Try gathering facts or setting the "use" option.',
  },
  service: {
    fact: "ansible_service_mgr",
    names: ["use"],
    otherwise: "service",
    unknown:
      'Could not detect which service manager to use. Try gathering facts or setting the "use" option.',
  },
  yum: YUM,
  dnf: YUM,
};

/** Arguments of service that a module does not take. */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  systemd: ["pattern", "runlevel", "sleep", "arguments", "args"],
};

/** What the arguments may name, which can be made from facts: no file. */
const MODULE_NAME = /^\w+(?:\.\w+)*$/;

/** Plans a call of one of these actions. */
export const planPackageService: Plan = async (call, { name, fleet }) => {
  const located = await fleet.locate(call.module);
  // Before ansible-core 2.17, dnf is a module like any other.
  if (name === "dnf" && located?.hasAction === false) {
    return await planItself(call, fleet);
  }
  const setup = await fleet.prepare("ansible.legacy.setup");
  const choice = CHOICES[name]!;
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () =>
        context.use(async (host) => {
          const { args } = context;
          const backend = await chooseBackend(host, { choice, args, setup });
          const prepared = await prepareBackend(backend, choice, fleet);
          return await runStep(
            host,
            prepared,
            without(args, [...choice.names, ...UNUSED[backend] ?? []]),
            { mayBeJob: true },
          );
        })),
  };
};

async function planItself(
  { module }: ModuleCall,
  fleet: HostFleet,
): Promise<Task> {
  const prepared = await fleet.prepare(module);
  const { secrets, unmasked, warnings } = prepared;
  return {
    secrets,
    unmasked,
    warnings,
    run: (context) =>
      context.use((host) =>
        host.module(prepared, context.args, { mayBeJob: true })
      ),
  };
}

/** The name of the module for a host. */
async function chooseBackend(
  host: OpenHost,
  { choice, args, setup }: {
    choice: Choice;
    args: JsonObject;
    setup: PreparedModule;
  },
): Promise<string> {
  const { allowed, aliases, fact, names, unknown } = choice;
  const isAllowed = (name: string | undefined) =>
    name !== undefined && (allowed?.includes(name) ?? true);
  const named = names.map((name) => textOf(args[name]))
    .find((name) => name !== undefined && name !== "auto");
  if (named !== undefined && !MODULE_NAME.test(named)) {
    fail(`${named} is not the name of a module`);
  }
  const found = isAllowed(named) ? named : (await factsOf(host, setup))[fact];
  if (found === undefined || !isAllowed(found)) fail(unknown);
  return aliases?.[found] ?? found;
}

async function prepareBackend(
  name: string,
  { otherwise }: Choice,
  fleet: HostFleet,
): Promise<PreparedModule> {
  const full = (bare: string) =>
    bare.includes(".") ? bare : `ansible.legacy.${bare}`;
  for (const each of [full(name), otherwise && full(otherwise)]) {
    if (each && await fleet.locate(each)) return await fleet.prepare(each);
  }
  throw new BuildError(`Cannot find a module for ${name}`);
}

type Managers = Partial<Record<Choice["fact"], string>>;

const known = new WeakMap<LinkedGate, Promise<Managers>>();

/** The package and service managers of a host. */
async function factsOf(
  host: OpenHost,
  setup: PreparedModule,
): Promise<Managers> {
  const gate = await host.gate();
  let facts = known.get(gate);
  if (facts === undefined) {
    facts = gather(host, setup);
    known.set(gate, facts);
    facts.catch(() => known.delete(gate));
  }
  return await facts;
}

async function gather(
  host: OpenHost,
  setup: PreparedModule,
): Promise<Managers> {
  const answer = await runStep(host, setup, {
    gather_subset: ["!all", "!min", "pkg_mgr", "service_mgr"],
    filter: "ansible_*_mgr", // before ansible-core 2.11 it cannot be a list
  });
  if (answer.failed) {
    fail(
      `Cannot detect the host's package and service managers: setup failed: ${
        answer.msg ?? "it gives no reason"
      }`,
      without(answer, ["msg"]),
    );
  }
  const facts = isObject(answer.ansible_facts) ? answer.ansible_facts : {};
  return usable(facts);
}

/** A host names managers, and never a file of this machine as a module. */
function usable(facts: JsonObject): Managers {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) =>
      typeof value === "string" && /^\w+$/.test(value) && value !== "unknown"
    ),
  );
}
