import { readFileSync } from 'node:fs';

const tables = new Map<string, unknown>();

/** The parsed `data/NAME.json`, read when it is first asked for. The caller states its shape. */
export function table<Shape>(name: string): Shape {
  const known = tables.get(name);
  if (known !== undefined) return known as Shape;
  const parsed: unknown = JSON.parse(readFileSync(new URL(`./data/${name}.json`, import.meta.url), 'utf8'));
  tables.set(name, parsed);
  return parsed as Shape;
}

/** The words of a list that is written as one string. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
