// Which wheels fulfil requirements on one Python: the newest that will do, and
// what these require in turn. Tries one choice after the other, the newest
// first; the same wheels and requirements always give the same answer.
import { BuildError } from "../../errors.ts";
import { type Environment, environmentsOf, holds } from "./marker.ts";
import type { Requirement } from "./requirement.ts";
import type { Requirements, Stated } from "./requirements_file.ts";
import { doNotAgree, nothingFits, wrongPython } from "./missing_wheels.ts";
import { fittingVersions } from "./version_range.ts";
import { isFor, type Wheel, type WheelFile } from "./wheel.ts";
import type { Wheelhouse } from "./wheelhouse.ts";

const MAX_STEPS = 2_000;

/** What a resolution is made from. */
export interface ResolveWheelsOptions {
  readonly wheelhouse: Wheelhouse;
  /** `3.9`. */
  readonly python: string;
}

/**
 * Chooses wheels for a Python, sorted by name.
 *
 * @throws {BuildError} when something that is wanted is not there; it says what
 * to bring.
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
  /** Why the attempt that came farthest failed. */
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
      .filter((each) => this.#counts(each, []));
    const chosen = await this.#solve(wanted, new Map());
    if (chosen === undefined) throw this.#failure!.error;
    return chosen;
  }

  async #solve(
    wanted: readonly Stated[],
    chosen: Chosen,
  ): Promise<Chosen | undefined> {
    const [first, ...rest] = wanted;
    if (first === undefined) return chosen;
    if (++this.#steps > MAX_STEPS) {
      throw new BuildError(
        `Cannot tell which wheels go together: tried ${MAX_STEPS} ways`,
        { hint: "Say more exactly which versions are wanted" },
      );
    }
    const known = chosen.get(first.name)?.wheel;
    if (known !== undefined) {
      const fits = fittingVersions([known.version], [first.specifier], {
        pre: true,
      });
      return fits.length === 0
        ? this.#fail(chosen, doNotAgree(first, known))
        : await this.#take(known, { wanted: first, rest, chosen });
    }
    const all = wanted.filter(({ name }) => name === first.name);
    const candidates = await this.#candidates(all);
    if (candidates.length === 0) {
      return this.#fail(chosen, this.#shortage(all));
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

  /** Takes a wheel, with what it requires itself, and goes on. */
  async #take(
    wheel: Wheel,
    { wanted: { name, extras }, rest, chosen }: {
      wanted: Stated;
      rest: readonly Stated[];
      chosen: Chosen;
    },
  ): Promise<Chosen | undefined> {
    const before = chosen.get(name)?.extras;
    const all = new Set([...before ?? [], ...extras]);
    if (all.size === before?.size) return await this.#solve(rest, chosen);
    const more = wheel.requires
      .filter((each) => this.#counts(each, [...all]))
      .map((each): Stated => ({
        ...each,
        by: `${wheel.name} ${wheel.version}`,
        hashes: [],
      }));
    const next = new Map(chosen).set(name, { wheel, extras: all });
    for (const each of more) {
      // What cannot be had at all is found out before anything else is tried.
      if ((await this.#candidates([each])).length === 0) {
        return this.#fail(next, this.#shortage([each]));
      }
    }
    return await this.#solve([...rest, ...more], next);
  }

  /** Wheels that will do for all that is wanted of one package, newest first. */
  async #candidates(wanted: readonly Stated[]): Promise<WheelFile[]> {
    const { name } = wanted[0]!;
    const { constraints, pre } = this.#requirements;
    const bounds = constraints.filter((each) =>
      each.name === name && this.#counts(each, [])
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

  /** Whether a requirement counts on any host with this Python. */
  #counts({ marker }: Requirement, extras: readonly string[]): boolean {
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

  #shortage(wanted: readonly Stated[]): BuildError {
    const { name } = wanted[0]!;
    return nothingFits(wanted, {
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
