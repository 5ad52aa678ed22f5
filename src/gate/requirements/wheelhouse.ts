// Folders of wheels, searched by package. A wheel is read when it is first needed,
// and only once.
import { rcompare, valid } from "@renovatebot/pep440";
import { join } from "@std/path";
import { BuildError } from "../../errors.ts";
import type { Reader } from "../sources/build_inputs.ts";
import { normalizeName } from "./package_name.ts";
import {
  parseWheelName,
  readWheel,
  type Wheel,
  type WheelFile,
} from "./wheel.ts";

/** The wheels of all folders. */
export class Wheelhouse {
  readonly paths: readonly string[];
  readonly #reader: Reader;
  readonly #wheels: ReadonlyMap<string, readonly WheelFile[]>;
  /** Other files of packages, such as source archives, by the package's name. */
  readonly #others: ReadonlyMap<string, string>;
  readonly #read = new Map<string, Promise<Wheel>>();

  private constructor(
    reader: Reader,
    paths: readonly string[],
    { wheels, others }: {
      wheels: ReadonlyMap<string, readonly WheelFile[]>;
      others: ReadonlyMap<string, string>;
    },
  ) {
    this.#reader = reader;
    this.paths = paths;
    this.#wheels = wheels;
    this.#others = others;
  }

  /**
   * Opens folders of wheels.
   *
   * @throws {BuildError} when one does not exist.
   */
  static async open(
    reader: Reader,
    paths: readonly string[],
  ): Promise<Wheelhouse> {
    const wheels = new Map<string, WheelFile[]>();
    const others = new Map<string, string>();
    for (const path of paths) {
      const entries = await reader.list(path);
      if (entries === undefined) {
        throw new BuildError(
          `Cannot read wheels from ${path}: the folder does not exist`,
        );
      }
      for (const name of [...entries.keys()].sort()) {
        const wheel = parseWheelName(join(path, name), name);
        const source = /^(.+)-\d[^-]*\.(?:tar\.\w+|zip)$/.exec(name)?.[1];
        if (source !== undefined) others.set(normalizeName(source), name);
        if (wheel === undefined || !valid(wheel.version)) continue;
        wheels.set(wheel.name, [...wheels.get(wheel.name) ?? [], wheel]);
      }
    }
    for (const each of wheels.values()) each.sort(newestFirst);
    return new Wheelhouse(reader, paths, { wheels, others });
  }

  /** The wheels of a package, newest first. */
  wheelsOf(name: string): readonly WheelFile[] {
    return this.#wheels.get(name) ?? [];
  }

  /** A file of the package that is not a wheel, if there is one. */
  otherOf(name: string): string | undefined {
    return this.#others.get(name);
  }

  /** Whether a wheel has one of these hashes: `sha256:…`, `sha512:…`. */
  async has({ path }: WheelFile, hashes: readonly string[]): Promise<boolean> {
    const { bytes } = await this.#reader.read(path);
    for (const hash of hashes) {
      const [algorithm, expected] = hash.split(":") as [string, string];
      const name = algorithm.replace("sha", "SHA-");
      const digest = await crypto.subtle.digest(name, bytes);
      if (new Uint8Array(digest).toHex() === expected) return true;
    }
    return false;
  }

  /**
   * Reads a wheel.
   *
   * @throws {BuildError} when it cannot be used, or does not match its name.
   */
  read(file: WheelFile): Promise<Wheel> {
    let wheel = this.#read.get(file.path);
    if (wheel === undefined) {
      wheel = this.#reader.read(file.path).then(readWheel).then((wheel) => {
        if (wheel.name === file.name) return wheel;
        throw new BuildError(
          `Cannot use ${file.path}: it contains ${wheel.name || "no package"}`,
        );
      });
      this.#read.set(file.path, wheel);
    }
    return wheel;
  }
}

function newestFirst(a: WheelFile, b: WheelFile): number {
  return rcompare(a.version, b.version) || b.build - a.build;
}
