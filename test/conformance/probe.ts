/** One act under one drop-in: what a running systemd makes of it is held against what the models of the directives say. */
export interface Probe {
  /** The drop-in's lines. `@` stands for the probe's own directory, as in the act. */
  lines: readonly string[];
  /**
   * What is done, in Python, with the names of act.py at hand. It must work without the lines, and leave nothing behind, so that
   * whatever refuses it are the lines.
   */
  act: string;
  /** The user of the unit; root where left out. */
  user?: string;
  /** Lines that the unit has in any case, also where the act must work. */
  unit?: readonly string[];
  /** What is made ready before, in Python, as root and outside of any sandbox. */
  before?: string;
  /** Where the model and systemd are known to differ, and why that stays so; `in` where only some versions do. */
  differs?: { why: string; in?: (version: number) => boolean };
}

/** The probes of one directive, or of a few that go together. */
export interface ProbeFile {
  /** Under which the page counts them. */
  directive: string;
  probes: readonly Probe[];
}

/** A user that every system has. */
export const someUser = 'daemon';

/** The same as root and as a user. */
export function both(
  lines: string | readonly string[],
  acts: readonly string[],
  rest: Omit<Probe, 'lines' | 'act' | 'user'> = {},
): Probe[] {
  return [...each(lines, acts, rest), ...each(lines, acts, { ...rest, user: someUser })];
}

/** One act for each, all under the same lines. */
export function each(
  lines: string | readonly string[],
  acts: readonly string[],
  rest: Omit<Probe, 'lines' | 'act'> = {},
): Probe[] {
  const written = typeof lines === 'string' ? [lines] : lines;
  return acts.map((act) => ({ lines: written, act, ...rest }));
}
