import type { InstalledUnits } from './installed-unit.ts';
import { readUnitName, writeUnitName } from './unit-name.ts';
import type { UnitLine } from './unit-text.ts';

/** A socket unit that starts a service. */
export interface SocketUnit {
  name: string;
  /** Something that a boot starts asks for it. */
  isEnabled: boolean;
  /** `Accept=yes`: each connection starts an instance of a template, and is handed to it. */
  accepts: boolean;
}

/**
 * The socket units that start a service, loaded or not: those of its name, and those whose Service= names it.
 * With Accept=yes that is the template of the socket's name: socket_instantiate_service() in src/core/socket.c.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.socket.html#Accept=
 * @param service a template where connections have their instances
 */
export function socketsOf(units: InstalledUnits, service: string): SocketUnit[] {
  const own = readUnitName(service);
  if (own === undefined) return [];
  const template = writeUnitName({ ...own, instance: '' });
  // An instance of a socket's template has no file of its own.
  const candidates = new Set([writeUnitName({ ...own, type: 'socket' }), ...units.names]);
  return [...candidates].sort().flatMap((name): SocketUnit[] => {
    const parts = name.endsWith('.socket') ? readUnitName(name) : undefined;
    if (parts === undefined || parts.instance === '') return [];
    const found = units.unit(name);
    if (found === undefined || found.text.lines.length === 0) return [];
    const accepts = isYes(last(found.text.lines, 'Accept'));
    const started = accepts
      ? writeUnitName({ prefix: parts.prefix, instance: '', type: 'service' })
      : (last(found.text.lines, 'Service') ?? writeUnitName({ ...parts, type: 'service' }));
    const isOurs = accepts ? started === template && own.instance !== undefined : started === service;
    return isOurs ? [{ name: found.name, isEnabled: units.wanted.has(found.name), accepts }] : [];
  });
}

function last(lines: readonly UnitLine[], key: string): string | undefined {
  return lines.findLast((line) => line.section === 'Socket' && line.key === key && line.text !== '')?.text;
}

/** parse_boolean() in src/basic/parse-util.c. */
function isYes(text: string | undefined): boolean {
  return text !== undefined && /^(?:1|yes|y|true|t|on)$/i.test(text);
}
