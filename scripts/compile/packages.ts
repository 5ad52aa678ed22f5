// The npm packages inside a binary: its bill of materials (CycloneDX 1.6) and the
// licenses. Both depend only on deno.lock and the packages, so that two builds
// write the same.
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };

/** An installed npm package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** The SPDX identifier: `MIT`. */
  readonly license: string;
  /** The hash of its tarball, in hexadecimal. */
  readonly sha512: string;
  /** The text of its license; null when it has none. */
  readonly licenseText: string | null;
}

/**
 * Reads the metadata of packages that are installed in a checkout.
 *
 * @param specifiers `name@version`.
 * @throws {Error} when one is not in deno.lock.
 */
export async function readPackages(
  root: string,
  specifiers: readonly string[],
): Promise<Package[]> {
  const lock = JSON.parse(await Deno.readTextFile(join(root, "deno.lock")));
  return await Promise.all(specifiers.map(async (specifier) => {
    const integrity: string | undefined = lock.npm[specifier]?.integrity;
    if (!integrity?.startsWith("sha512-")) {
      throw new Error(`Cannot describe ${specifier}: it is not in deno.lock`);
    }
    const at = specifier.lastIndexOf("@");
    const name = specifier.slice(0, at);
    const installed = specifier.replace("/", "+");
    const folder = join(root, "node_modules/.deno", installed, "node_modules");
    const about = JSON.parse(
      await Deno.readTextFile(join(folder, name, "package.json")),
    );
    return {
      name,
      version: specifier.slice(at + 1),
      license: about.license ?? about.licenses[0].type,
      sha512: Uint8Array.fromBase64(integrity.slice("sha512-".length)).toHex(),
      licenseText: await readLicense(join(folder, name)),
    };
  }));
}

async function readLicense(folder: string): Promise<string | null> {
  for (const name of ["LICENSE", "LICENSE.md"]) {
    try {
      return await Deno.readTextFile(join(folder, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return null;
}

/** A binary, for its bill of materials. */
export interface Made {
  /** The machine that it runs on. */
  readonly target: string;
  /** The hash of the whole file. */
  readonly sha256: string;
  /** The version of its Deno. */
  readonly deno: string;
  readonly packages: readonly Package[];
}

/** Formats the bill of materials of a binary as CycloneDX 1.6 in JSON. */
export function formatBill(
  { target, sha256, deno, packages }: Made,
): string {
  const ftl = `pkg:npm/${encodeName(config.name)}@${config.version}`;
  const runtime = `pkg:github/denoland/deno@v${deno}`;
  const components = [
    component({ name: "deno", version: deno, license: "MIT", ref: runtime }),
    ...packages.map(({ name, version, license, sha512 }) =>
      component({
        name,
        version,
        license,
        ref: `pkg:npm/${encodeName(name)}@${version}`,
        hash: { alg: "SHA-512", content: sha512 },
      })
    ),
  ];
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        ...component({
          name: "ftl",
          version: config.version,
          license: config.license,
          ref: ftl,
          hash: { alg: "SHA-256", content: sha256 },
        }),
        type: "application",
        properties: [{ name: "ftl:target", value: target }],
      },
    },
    components,
    dependencies: [
      { ref: ftl, dependsOn: components.map((each) => each["bom-ref"]) },
    ],
  };
  return JSON.stringify(bill, null, 2) + "\n";
}

function component(
  { name, version, license, ref, hash }: {
    name: string;
    version: string;
    license: string;
    ref: string;
    hash?: { alg: string; content: string };
  },
) {
  return {
    type: "library",
    "bom-ref": ref,
    name,
    version,
    purl: ref,
    licenses: [{ license: { id: license } }],
    ...(hash && { hashes: [hash] }),
  };
}

/** Escapes a name for a package URL: the `@` of a scope. */
function encodeName(name: string): string {
  return name.replace("@", "%40");
}

/** Formats the licenses of everything in a binary, for people. */
export function formatLicenses(
  own: string,
  packages: readonly Package[],
): string {
  const notices = packages.map(({ name, version, license, licenseText }) =>
    `${name} ${version}\n\n` +
    (licenseText?.trim() ?? `${license}: https://spdx.org/licenses/${license}`)
  );
  return [
    `ftl ${config.version}\n\n${own.trim()}`,
    "Deno\n\nMIT: https://github.com/denoland/deno/blob/main/LICENSE.md",
    ...notices,
  ].join(`\n\n${"-".repeat(72)}\n\n`) + "\n";
}
