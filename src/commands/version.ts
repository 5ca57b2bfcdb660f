import { readFileSync } from 'node:fs';

/** The version in package.json, which lies one directory above src/ and dist/ alike. */
export function toolVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

export function toolName(): string {
  return `sandbox-profile ${toolVersion()}`;
}
