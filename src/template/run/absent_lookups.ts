// Lookups of Ansible and of well-known collections that ftl does not have, with what
// to use in their place.

/** Runs a program of this machine, which is what most of these lookups wrap. */
const program = (command: string) => `use lookup('pipe', '${command}')`;

const INSTEAD: ReadonlyMap<string, string> = new Map(Object.entries({
  bitwarden: program("bw get password NAME"),
  cartesian: "use lookup('nested', …)",
  config: "ftl does not read ansible.cfg, so write the value itself",
  consul_kv: program("consul kv get KEY"),
  dig: program("dig +short NAME"),
  dnstxt: program("dig +short NAME TXT"),
  etcd: program("etcdctl get KEY"),
  etcd3: program("etcdctl get KEY"),
  filetree: "use lookup('fileglob', …)",
  hashi_vault: program("vault kv get -field=FIELD PATH"),
  keyring: program("keyring get SERVICE USER"),
  lastpass: program("lpass show --password NAME"),
  onepassword: program("op read op://VAULT/ITEM/FIELD"),
  passwordstore: program("pass show NAME"),
  random_string: "use lookup('password', '/dev/null length=N')",
  redis: program("redis-cli get KEY"),
  url: program("curl -fsS URL"),
  vault_kv1_get: program("vault kv get -field=FIELD PATH"),
  vault_kv2_get: program("vault kv get -field=FIELD PATH"),
}));

const OTHERS = "give the value as a variable, or use lookup('pipe', COMMAND)";

/** Whether a name is known to be that of a lookup that ftl does not have. */
export function isAbsentLookup(name: string): boolean {
  return INSTEAD.has(nameInCollection(name));
}

/** Says that ftl does not have a lookup, and what to do instead. */
export function absentLookup(name: string): string {
  const instead = INSTEAD.get(nameInCollection(name)) ?? OTHERS;
  return `ftl has no lookup '${name}': ${instead}`;
}

/** The name without its collection, whichever that is. */
function nameInCollection(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
