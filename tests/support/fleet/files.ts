// The files of a user of the test fleet: known_hosts, ssh_config, and an
// inventory.
import { join } from "@std/path";
import { type HostPlan, HOSTS, SERVERS } from "./hosts.ts";
import { makeKey, publicKeyOf, signHostKey } from "./keys.ts";

/** The key files of a fleet. */
export interface FleetKeys {
  readonly user: string;
  readonly host: string;
  /** Signed by `authority`, for the host `signed`. */
  readonly signed: string;
  readonly authority: string;
  /** Keys that no host has. */
  readonly other: string;
  readonly otherAuthority: string;
  readonly ecdsaUser: string;
  readonly ecdsaHost: string;
}

/** Makes the keys. */
export async function makeKeys(
  folder: string,
  signedNames: readonly string[],
): Promise<FleetKeys> {
  const names = [
    ...["user", "host", "signed", "authority", "other", "other_authority"],
  ];
  const [user, host, signed, authority, other, otherAuthority] = await Promise
    .all(names.map((name) => makeKey(join(folder, `${name}_key`)))) as [
      ...[string, string, string, string, string, string],
    ];
  await signHostKey(signed, { authority, names: signedNames });
  const [ecdsaUser, ecdsaHost] = await Promise.all(
    ["user", "host"].map((name) =>
      makeKey(join(folder, `ecdsa_${name}_key`), "-t", "ecdsa")
    ),
  ) as [string, string];
  return {
    ...{ user, host, signed, authority, other, otherAuthority },
    ...{ ecdsaUser, ecdsaHost },
  };
}

/** Writes them; `addressOf` says where a host is. */
export async function writeFiles(
  folder: string,
  { keys, addressOf }: {
    keys: FleetKeys;
    addressOf: (plan: HostPlan) => string;
  },
): Promise<{ knownHosts: string; sshConfig: string; inventory: string }> {
  const files = {
    knownHosts: join(folder, "known_hosts"),
    sshConfig: join(folder, "ssh_config"),
    inventory: join(folder, "inventory.ini"),
  };
  const lines = await Promise.all(HOSTS.map(async (plan) => {
    const line = await knownHostsLine(plan, keys);
    return line.replaceAll("HOST", addressOf(plan));
  }));
  await Deno.writeTextFile(
    files.knownHosts,
    [...new Set(lines)].filter((line) => line !== "").join(""),
  );
  await Deno.writeTextFile(
    files.sshConfig,
    [
      ...HOSTS.map((plan) =>
        configBlock(plan, { address: addressOf(plan), keys })
      ),
      "Host *",
      "  User deploy",
      `  IdentityFile ${keys.user}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${files.knownHosts}`,
      "  GlobalKnownHostsFile /dev/null",
      "",
    ].join("\n"),
  );
  await Deno.writeTextFile(files.inventory, inventoryText());
  return files;
}

async function knownHostsLine(
  { standing = "known", server }: HostPlan,
  { host, other, authority, otherAuthority, ecdsaHost }: FleetKeys,
): Promise<string> {
  const own = SERVERS[server]!.ecdsa ? ecdsaHost : host;
  switch (standing) {
    case "known":
      return `HOST ${await publicKeyOf(own)}\n`;
    case "unknown":
      return "";
    case "changed":
      return `HOST ${await publicKeyOf(other)}\n`;
    case "revoked":
      return `HOST ${await publicKeyOf(host)}\n` +
        `@revoked HOST ${await publicKeyOf(host)}\n`;
    case "signed":
      return `@cert-authority HOST ${await publicKeyOf(authority)}\n`;
    case "missigned":
      return `@cert-authority HOST ${await publicKeyOf(otherAuthority)}\n`;
  }
}

function configBlock(
  { name, server, user, jump }: HostPlan,
  { address, keys }: { address: string; keys: FleetKeys },
): string {
  return [
    `Host ${name}`,
    `  HostName ${address}`,
    ...user === undefined ? [] : [`  User ${user}`],
    ...jump === undefined ? [] : [`  ProxyJump ${jump}`],
    // Only the system's `ssh` follows the limit: it asks for new keys, too.
    ...SERVERS[server]!.ecdsa
      ? [`  IdentityFile ${keys.ecdsaUser}`, "  RekeyLimit 1M 20s"]
      : [],
    "",
  ].join("\n");
}

/** Hosts that let a key in, in groups; the difficult ones in `odd`. */
function inventoryText(): string {
  const inner = HOSTS.filter(({ server }) => server === "inner");
  const easy = ["plain", "far", "bastion", "second", "deep"];
  const odd = HOSTS.filter((plan) =>
    !inner.includes(plan) && !easy.includes(plan.name)
  );
  return [
    "[easy]",
    ...easy,
    "",
    "[inner]",
    `inner[01:${inner.length}]`,
    "",
    "[odd]",
    ...odd.map(({ name, hint }) => `# ${hint}\n${name}`),
    "",
  ].join("\n");
}
