// Chooses the wheels that satisfy requirements on one Python: the newest that fit,
// and their own requirements in turn. Tries one choice after the other, newest
// first; the same wheels and requirements always have the same result.
import { BuildError } from "../../errors.ts";
import { type Environment, environmentsOf, holds } from "./marker.ts";
import type { Requirement } from "./requirement.ts";
import type { Requirements, StatedRequirement } from "./requirements_file.ts";
import { noWheelFits, wheelConflict, wrongPython } from "./missing_wheels.ts";
import { fittingVersions } from "./version_range.ts";
import { isFor, type Wheel, type WheelFile } from "./wheel.ts";
import type { Wheelhouse } from "./wheelhouse.ts";

const MAX_STEPS = 2_000;

/** How to resolve. */
export interface ResolveWheelsOptions {
  readonly wheelhouse: Wheelhouse;
  /** `3.9`. */
  readonly python: string;
}

/**
 * Chooses wheels for a Python, sorted by name.
 *
 * @throws {BuildError} when a wheel is missing; its hint names what to download.
 */
export async function resolveWheels(
  requirements: Requirements,
  options: ResolveWheelsOptions,
): Promise<Wheel[]> {
  const chosen = await new Resolution(requirements, options).solve();
  return [...chosen.values()].map(({ wheel }) => wheel)
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

interface Choice {
  readonly wheel: Wheel;
  readonly extras: ReadonlySet<string>;
}

type Chosen = ReadonlyMap<string, Choice>;

class Resolution {
  readonly #requirements: Requirements;
  readonly #wheelhouse: Wheelhouse;
  readonly #python: string;
  readonly #environments: readonly Environment[];
  #steps = 0;
  /** Why the attempt with the most wheels failed. */
  #failure: { depth: number; error: BuildError } | undefined;

  constructor(
    requirements: Requirements,
    { wheelhouse, python }: ResolveWheelsOptions,
  ) {
    this.#requirements = requirements;
    this.#wheelhouse = wheelhouse;
    this.#python = python;
    this.#environments = environmentsOf(python);
  }

  async solve(): Promise<Chosen> {
    const wanted = this.#requirements.wanted
      .filter((each) => this.#applies(each, []));
    const chosen = await this.#solve(wanted, new Map());
    if (chosen === undefined) throw this.#failure!.error;
    return chosen;
  }

  async #solve(
    wanted: readonly StatedRequirement[],
    chosen: Chosen,
  ): Promise<Chosen | undefined> {
    const [first, ...rest] = wanted;
    if (first === undefined) return chosen;
    if (++this.#steps > MAX_STEPS) {
      throw new BuildError(
        `Cannot find wheels that fit together: tried ${MAX_STEPS} combinations`,
        { hint: "Require exact versions" },
      );
    }
    const known = chosen.get(first.name)?.wheel;
    if (known !== undefined) {
      const fits = fittingVersions([known.version], [first.specifier], {
        pre: true,
      });
      return fits.length === 0
        ? this.#fail(chosen, wheelConflict(first, known))
        : await this.#take(known, { wanted: first, rest, chosen });
    }
    const all = wanted.filter(({ name }) => name === first.name);
    const candidates = await this.#candidates(all);
    if (candidates.length === 0) {
      return this.#fail(chosen, this.#missingError(all));
    }
    for (const file of candidates) {
      const wheel = await this.#wheelhouse.read(file);
      if (!this.#runs(wheel)) {
        this.#fail(chosen, wrongPython(first, wheel, this.#python));
        continue;
      }
      const found = await this.#take(wheel, { wanted: first, rest, chosen });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Chooses a wheel, adds its own requirements, and continues. */
  async #take(
    wheel: Wheel,
    { wanted: { name, extras }, rest, chosen }: {
      wanted: StatedRequirement;
      rest: readonly StatedRequirement[];
      chosen: Chosen;
    },
  ): Promise<Chosen | undefined> {
    const before = chosen.get(name)?.extras;
    const all = new Set([...before ?? [], ...extras]);
    if (all.size === before?.size) return await this.#solve(rest, chosen);
    const more = wheel.requires
      .filter((each) => this.#applies(each, [...all]))
      .map((each): StatedRequirement => ({
        ...each,
        by: `${wheel.name} ${wheel.version}`,
        hashes: [],
      }));
    const next = new Map(chosen).set(name, { wheel, extras: all });
    for (const each of more) {
      // A missing package is found before other choices are tried.
      if ((await this.#candidates([each])).length === 0) {
        return this.#fail(next, this.#missingError([each]));
      }
    }
    return await this.#solve([...rest, ...more], next);
  }

  /** The wheels that satisfy all requirements for one package, newest first. */
  async #candidates(
    wanted: readonly StatedRequirement[],
  ): Promise<WheelFile[]> {
    const { name } = wanted[0]!;
    const { constraints, pre } = this.#requirements;
    const bounds = constraints.filter((each) =>
      each.name === name && this.#applies(each, [])
    );
    const usable = this.#wheelhouse.wheelsOf(name)
      .filter((file) => file.isPure && isFor(file, this.#python));
    const fit = fittingVersions(
      usable.map(({ version }) => version),
      [...wanted, ...bounds].map(({ specifier }) => specifier),
      { pre },
    );
    const hashes = [...wanted, ...bounds].flatMap((each) => each.hashes);
    const found: WheelFile[] = [];
    for (const file of usable) {
      if (!fit.includes(file.version)) continue;
      if (hashes.length > 0 && !await this.#wheelhouse.has(file, hashes)) {
        continue;
      }
      found.push(file);
    }
    return found;
  }

  /** Whether a requirement applies to any host with this Python. */
  #applies({ marker }: Requirement, extras: readonly string[]): boolean {
    if (marker === undefined) return true;
    return this.#environments.some((environment) =>
      ["", ...extras].some((extra) => holds(marker, { ...environment, extra }))
    );
  }

  #runs({ requiresPython }: Wheel): boolean {
    const versions = this.#environments.map((each) => each.python_full_version);
    const some = fittingVersions(versions as string[], [requiresPython], {
      pre: true,
    });
    return some.length > 0;
  }

  #missingError(wanted: readonly StatedRequirement[]): BuildError {
    const { name } = wanted[0]!;
    return noWheelFits(wanted, {
      wheels: this.#wheelhouse.wheelsOf(name),
      other: this.#wheelhouse.otherOf(name),
      paths: this.#wheelhouse.paths,
      python: this.#python,
    });
  }

  #fail(chosen: Chosen, error: BuildError): undefined {
    if (this.#failure === undefined || chosen.size > this.#failure.depth) {
      this.#failure = { depth: chosen.size, error };
    }
  }
}
