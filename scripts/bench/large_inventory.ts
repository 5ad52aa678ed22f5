// The text of an inventory with many hosts in nested groups with variables: regions
// of data centers of racks, and each host also in the group of its role.

const REGIONS = 10;
const CENTERS = 10;
const RACKS = 20;
const HOSTS = 10;
const ROLES = ["web", "db", "cache", "queue"];

/** The number of hosts in each text. */
export const LARGE = REGIONS * CENTERS * RACKS * HOSTS;

interface Rack {
  readonly name: string;
  readonly number: number;
  readonly hosts: readonly { readonly name: string; readonly vars: string[] }[];
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function racks(region: number, center: number): Rack[] {
  return range(RACKS, (number) => {
    const name = `r${region}c${center}k${number}`;
    const address = `10.${region * CENTERS + center}.${number}`;
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
    (region) => range(CENTERS, (center) => racks(region, center)),
  )
    .flat(2).flatMap((rack) => rack.hosts)
    .filter((_, i) => i % ROLES.length === role).map(({ name }) => name);
}

/** The inventory in YAML. */
export function largeYaml(): string {
  const lines = ["all:", "  vars: {ansible_user: deploy}", "  children:"];
  for (const region of range(REGIONS, (i) => i)) {
    lines.push(`    region${region}:`, "      children:");
    for (const center of range(CENTERS, (i) => i)) {
      lines.push(`        r${region}c${center}:`);
      lines.push(
        `          vars: {proxy: 'http://proxy.r${region}.example.com:3128', dns: [192.0.2.53, 192.0.2.54]}`,
      );
      lines.push("          children:");
      for (const rack of racks(region, center)) {
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
    for (const center of range(CENTERS, (i) => i)) {
      const all = racks(region, center);
      for (const rack of all) {
        lines.push(`[${rack.name}]`);
        for (const { name, vars } of rack.hosts) {
          const pairs = vars.map((pair) => pair.replace(" ", "=")).join(" ");
          lines.push(`${name} ${pairs}`);
        }
        lines.push(`[${rack.name}:vars]`, `rack=${rack.number}`);
      }
      lines.push(`[r${region}c${center}:children]`);
      lines.push(...all.map((rack) => rack.name));
    }
    lines.push(`[region${region}:children]`);
    lines.push(...range(CENTERS, (center) => `r${region}c${center}`));
  }
  for (const [i, role] of ROLES.entries()) {
    lines.push(`[${role}]`, ...hostsOfRole(i));
    lines.push(`[${role}:vars]`, `port=${8000 + i}`);
  }
  return lines.join("\n") + "\n";
}
