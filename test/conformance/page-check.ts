import {
  type Agreement,
  differenceRow,
  type KnownDifference,
  knownDifferences,
  sizesOf,
  versionsOf,
} from './page.ts';
import type { NumberedProbe } from './table.ts';

/**
 * What the page says that cannot be, by the table of probes alone: no system is asked. Probes that are newer than the page are no
 * contradiction: who tries them with every system writes them into it.
 */
export function contradictions(agreement: Agreement, table: readonly NumberedProbe[]): string[] {
  const sizes = sizesOf(table);
  const known = knownDifferences(table);
  const rows = [...agreement].flatMap(([directive, counts]) =>
    [...counts].flatMap(([version, { agreed, all }]) => {
      const size = sizes.get(directive) ?? 0;
      const differing = known.filter(
        (each) => each.directive === directive && each.differsIn(version),
      ).length;
      const isPossible = all === size ? all - agreed === differing : all < size && all - agreed <= differing;
      return isPossible
        ? []
        : [
            `${directive}, systemd ${version}: ${agreed} of ${all}, and there are ${size} probes, of which ${differing} are known to differ`,
          ];
    }),
  );
  const versions = versionsOf(agreement);
  const untried = known.filter(({ differsIn }) => !versions.some(differsIn));
  return [
    ...rows,
    ...untried.map(
      ({ directive, what }) => `${directive}: ${what} is known to differ in versions that nobody tries`,
    ),
  ];
}

/** The differences that the page must list: all of them, but what may be newer than it. */
export function mustBeListed(
  text: string,
  agreement: Agreement,
  table: readonly NumberedProbe[],
): KnownDifference[] {
  const sizes = sizesOf(table);
  const versions = versionsOf(agreement);
  const lines = new Set(text.split('\n'));
  const isNewer = (directive: string) =>
    [...(agreement.get(directive)?.values() ?? [])].every(({ all }) => all !== sizes.get(directive));
  return knownDifferences(table).filter(
    (each) => !isNewer(each.directive) || lines.has(differenceRow(each, versions)),
  );
}
