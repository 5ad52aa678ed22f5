// package, service, yum and dnf: the module depends on the host, which is asked
// once for each gate.
import { BuildError } from "../../errors.ts";
import { isObject } from "../../protocol/body.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { LinkedGate } from "../fleet/account.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import type { OpenHost } from "../work/host_context.ts";
import {
  concludeAction,
  fail,
  runStep,
  textOf,
  without,
} from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** How one of these actions finds its module. */
interface Choice {
  readonly fact: "ansible_pkg_mgr" | "ansible_service_mgr";
  /** Arguments that name the module; the first one wins. */
  readonly names: readonly string[];
  /** Aliases of module names. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The module when no module has the name of the fact. */
  readonly otherwise?: string;
  /** The message when the fact is unknown. */
  readonly unknown: string;
}

const YUM: Choice = {
  fact: "ansible_pkg_mgr",
  names: ["use", "use_backend"],
  aliases: { yum4: "dnf", dnf4: "dnf" },
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

/** Plans a call of one of these actions. */
export const planPackageService: Plan = async (_, { name: action, fleet }) => {
  const setup = await fleet.prepare("ansible.legacy.setup");
  const choice = CHOICES[action]!;
  return {
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () =>
        context.use(async (host) => {
          const named = choice.names.map((name) => textOf(context.args[name]))
            .find((name) => name !== undefined && name !== "auto");
          const found = named ?? (await factsOf(host, setup))[choice.fact];
          if (found === undefined) fail(choice.unknown);
          const name = choice.aliases?.[found] ?? found;
          const backend = await prepareBackend(name, choice, fleet);
          const args = without(context.args, [
            ...choice.names,
            ...UNUSED[name] ?? [],
          ]);
          return await runStep(host, backend, args);
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
    filter: ["ansible_pkg_mgr", "ansible_service_mgr"],
  });
  const facts = isObject(answer.ansible_facts) ? answer.ansible_facts : {};
  return usable(facts);
}

function usable(facts: JsonObject): Managers {
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) =>
      typeof value === "string" && value !== "unknown"
    ),
  );
}
