// An inventory of many hosts in nested groups with variables, as text: regions of
// data centres of racks, and every host in the group of its role too.

const REGIONS = 10;
const CENTRES = 10;
const RACKS = 20;
const HOSTS = 10;
const ROLES = ["web", "db", "cache", "queue"];

/** How many hosts each of the texts names. */
export const LARGE = REGIONS * CENTRES * RACKS * HOSTS;

interface Rack {
  readonly name: string;
  readonly number: number;
  readonly hosts: readonly { readonly name: string; readonly vars: string[] }[];
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function racks(region: number, centre: number): Rack[] {
  return range(RACKS, (number) => {
    const name = `r${region}c${centre}k${number}`;
    const address = `10.${region * CENTRES + centre}.${number}`;
    return {
      name,
      number,
      hosts: range(HOSTS, (i) => ({
        name: `${name}h${i}.example.com`,
        vars: [`ansible_host ${address}.${i + 1}`, `serial SN-${name}-${i}`],
      })),
    };
  });
}

function hostsOfRole(role: number): string[] {
  return range(
    REGIONS,
    (region) => range(CENTRES, (centre) => racks(region, centre)),
  )
    .flat(2).flatMap((rack) => rack.hosts)
    .filter((_, i) => i % ROLES.length === role).map(({ name }) => name);
}

/** The inventory in YAML. */
export function largeYaml(): string {
  const lines = ["all:", "  vars: {ansible_user: deploy}", "  children:"];
  for (const region of range(REGIONS, (i) => i)) {
    lines.push(`    region${region}:`, "      children:");
    for (const centre of range(CENTRES, (i) => i)) {
      lines.push(`        r${region}c${centre}:`);
      lines.push(
        `          vars: {proxy: 'http://proxy.r${region}.example.com:3128', dns: [192.0.2.53, 192.0.2.54]}`,
      );
      lines.push("          children:");
      for (const rack of racks(region, centre)) {
        lines.push(`            ${rack.name}:`);
        lines.push(`              vars: {rack: ${rack.number}}`);
        lines.push("              hosts:");
        for (const { name, vars } of rack.hosts) {
          const pairs = vars.map((pair) => pair.replace(" ", ": ")).join(", ");
          lines.push(`                ${name}: {${pairs}}`);
        }
      }
    }
  }
  for (const [i, role] of ROLES.entries()) {
    lines.push(
      `    ${role}:`,
      `      vars: {port: ${8000 + i}}`,
      "      hosts:",
    );
    lines.push(...hostsOfRole(i).map((name) => `        ${name}:`));
  }
  return lines.join("\n") + "\n";
}

/** The same inventory in INI. */
export function largeIni(): string {
  const lines: string[] = [];
  for (const region of range(REGIONS, (i) => i)) {
    for (const centre of range(CENTRES, (i) => i)) {
      const all = racks(region, centre);
      for (const rack of all) {
        lines.push(`[${rack.name}]`);
        for (const { name, vars } of rack.hosts) {
          const pairs = vars.map((pair) => pair.replace(" ", "=")).join(" ");
          lines.push(`${name} ${pairs}`);
        }
        lines.push(`[${rack.name}:vars]`, `rack=${rack.number}`);
      }
      lines.push(`[r${region}c${centre}:children]`);
      lines.push(...all.map((rack) => rack.name));
    }
    lines.push(`[region${region}:children]`);
    lines.push(...range(CENTRES, (centre) => `r${region}c${centre}`));
  }
  for (const [i, role] of ROLES.entries()) {
    lines.push(`[${role}]`, ...hostsOfRole(i));
    lines.push(`[${role}:vars]`, `port=${8000 + i}`);
  }
  return lines.join("\n") + "\n";
}
