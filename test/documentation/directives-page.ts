import { readdirSync, readFileSync } from 'node:fs';
import { directives } from '../../src/directives/registry.ts';

/** How much rows of `systemd-analyze security` weigh; made by scripts/score-weights.mjs. */
export const score: { source: string; total: number; weights: Record<string, number> } = JSON.parse(
  readFileSync(new URL('score-weights.json', import.meta.url), 'utf8'),
);

/** Rows that are not called like the directives that they are about. */
const rowsOfOtherNames: Readonly<Record<string, readonly string[]>> = {
  DeviceAllow: ['DevicePolicy'],
  RootDirectoryOrRootImage: ['RootDirectory', 'RootImage'],
  UserOrDynamicUser: ['User', 'DynamicUser'],
};

/** The directives that a row of the score is about. */
export function directivesOf(field: string): readonly string[] {
  return rowsOfOtherNames[field] ?? [field.split('_')[0] ?? field];
}

/** docs/directives.md: one row a directive, in the order of a drop-in. Wide as it is, it can be read as plain text too. */
export function directivesPage(): string {
  const pages = new Set(directives.flatMap(({ about }) => about.rules ?? []));
  return `# Directives

<!-- Written by \`npm run docs\`; what a row says stands in the directive's own file in src/directives/plugins. -->

What each directive denies, and when a drop-in sets it, in the order of a drop-in. \`--explain DIRECTIVE\` prints what a trace says
for it or against it. What each level lets through: [levels](levels.md). Whether a running systemd does what a model says:
[conformance](conformance.md).

- **Since**: the systemd version that has it first. For an older one it is left out, and the summary says so.
- **Score**: how many of the 10 points of \`systemd-analyze security\` are at stake; for some directives in
  several rows. It says little: the score does not look at paths at all. \`AmbientCapabilities=\` loses its points where it is set.
  Made with ${score.source.split(':')[0]} by \`scripts/score-weights.mjs\`.
- **Denies**: to the daemon, where the directive is set. Some deny nothing, and give back what others deny.
- **Set when**: "–" under *rules* means that this is the whole rule.

${table()}
Some come with others that they need, and \`--explain\` of one of these tells of both:
${directives
  .filter(({ companions }) => companions.length > 0)
  .map(({ name, companions }) => `- \`${name}=\`: ${companions.map((key) => `\`${key}=\``).join(', ')}`)
  .join('\n')}

A daemon *logs people in* where it read rules of PAM, or where a program that needs libpam has rules under its name in /etc/pam.d.

${[...directives].map(({ name }) => `[${name}]: ${manualOf(name)}`).join('\n')}
${[...pages].map((page) => `[${titleOf(page)}]: ${page}`).join('\n')}
`;
}

function table(): string {
  const head = ['directive', 'since', 'score', 'denies', 'set when', 'rules'];
  const rows = directives.map(({ name, since, about }) => [
    `[${name}]`,
    String(since),
    points(name),
    about.denies,
    about.when,
    about.rules === undefined ? '–' : `[${titleOf(about.rules)}]`,
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('');
}

/** `0.18`; `1.58 (11 rows, up to 0.18)` */
function points(name: string): string {
  const rows = Object.entries(score.weights).filter(([field]) => directivesOf(field).includes(name));
  if (rows.length === 0) return '–';
  const weights = rows.map(([, weight]) => weight);
  const text = (weight: number) => ((weight * 10) / score.total).toFixed(2);
  const sum = text(weights.reduce((all, weight) => all + weight, 0));
  return rows.length === 1 ? sum : `${sum} (${rows.length} rows, up to ${text(Math.max(...weights))})`;
}

const titleOf = (page: string) => page.replace('.md', '').replace('#', ': ');

const plugins = new URL('../../src/directives/plugins/', import.meta.url);
const files = readdirSync(plugins);

/** The page of systemd's manual that a plugin names at its top. */
function manualOf(name: string): string {
  const file = files.find((each) => each.replaceAll('-', '').replace('.ts', '') === name.toLowerCase());
  const text = file === undefined ? '' : readFileSync(new URL(file, plugins), 'utf8');
  const link = /https:\/\/www\.freedesktop\.org\/software\/systemd\/man\/latest\/\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`The file of ${name} names no page of systemd's manual.`);
  return link;
}
