// package, service, yum and dnf: the module that does it depends on the host,
// which is asked once for as long as its gate is open.
import { BuildError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { LinkedGate } from "../fleet/account.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { OpenHost } from "../work/host_context.ts";
import {
  ask,
  conclude,
  fail,
  isJsonObject,
  textOf,
  without,
} from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** How one of them finds its module. */
interface Choice {
  readonly fact: "ansible_pkg_mgr" | "ansible_service_mgr";
  /** Arguments that name the module, first one first. */
  readonly names: readonly string[];
  /** Names with another meaning. */
  readonly means?: Readonly<Record<string, string>>;
  /** The module where none of the fact's name is found. */
  readonly otherwise?: string;
  /** What it says when the fact tells nothing. */
  readonly unknown: string;
}

const YUM: Choice = {
  fact: "ansible_pkg_mgr",
  names: ["use", "use_backend"],
  means: { yum4: "dnf", dnf4: "dnf" },
  unknown:
    "Could not detect which major revision of yum is in use, which is required to determine module backend.",
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

/** Plans a call of one of them. */
export const planPackageService: Plan = async (_, { name: action, fleet }) => {
  const setup = await fleet.prepare("ansible.legacy.setup");
  const choice = CHOICES[action]!;
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      conclude(context, () =>
        context.use(async (host) => {
          const named = choice.names.map((name) => textOf(context.args[name]))
            .find((name) => name !== undefined && name !== "auto");
          const found = named ?? (await factsOf(host, setup))[choice.fact];
          if (found === undefined) fail(choice.unknown);
          const name = choice.means?.[found] ?? found;
          const backend = await prepareBackend(name, choice, fleet);
          const args = without(context.args, [
            ...choice.names,
            ...UNUSED[name] ?? [],
          ]);
          return await ask(host, backend, args);
        })),
  };
};

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
  throw new BuildError(`Could not find a module for ${name}`);
}

type Managers = Partial<Record<Choice["fact"], string>>;

const known = new WeakMap<LinkedGate, Promise<Managers>>();

/** What manages packages and services on a host. */
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
  const answer = await ask(host, setup, {
    gather_subset: ["!all", "!min", "pkg_mgr", "service_mgr"],
    filter: ["ansible_pkg_mgr", "ansible_service_mgr"],
  });
  const facts = isJsonObject(answer.ansible_facts) ? answer.ansible_facts : {};
  return usable(facts);
}

function usable(facts: JsonObject): Managers {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) =>
      typeof value === "string" && value !== "unknown"
    ),
  );
}
