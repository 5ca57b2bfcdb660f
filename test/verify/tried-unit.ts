import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';

/** A unit of this host that is never started here: only machines, which see the host's files, do that. */
export const unit = 'sandbox-profile-tried.service';
const file = `/etc/systemd/system/${unit}`;
const directory = '/usr/local/lib/sandbox-profile-tried';
export const tool = `${directory}/tool`;
export const state = '/var/lib/sandbox-profile-tried';
/** Of somebody who listens at `socket` in it. */
export const peer = '/run/sandbox-profile-peer';
const port = 18_231;

/** Installs the unit of acts.py, with something to reload. */
export async function installUnit(): Promise<void> {
  await mkdir(directory, { recursive: true });
  await copyFile(new URL('./acts.py', import.meta.url), `${directory}/acts.py`);
  await writeFile(tool, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  await writeFile(
    file,
    `[Service]
ExecStart=/usr/bin/python3 ${directory}/acts.py ${state} ${tool} ${peer} ${port}
ExecReload=/bin/true
StateDirectory=sandbox-profile-tried
`,
  );
}

export async function removeUnit(): Promise<void> {
  await rm(file, { force: true });
  await rm(directory, { recursive: true, force: true });
}

export const acts = [
  ...['family', 'owner', 'write', 'run', 'peer', 'fifo', 'home', 'shared', 'code', 'namespace', 'memory'],
  ...['set-id', 'realtime', 'hostname'],
] as const;
export type Act = (typeof acts)[number];

/** Acts, whatever becomes of the one before; it fails when one did. */
export function doing(which: readonly Act[]): string {
  return `failed=0; for act in ${which.join(' ')}; do curl -sf -m 3 http://127.0.0.1:${port}/$act || failed=1; done; exit $failed`;
}

/** What others have on the host: a socket, a file in /tmp, a home. */
export const prepare = `mkdir ${peer}; mkdir -p /home/sandbox-profile-tried
echo here >/home/sandbox-profile-tried/file; echo here >/tmp/sandbox-profile-tried
systemd-run -q --unit sandbox-profile-peer /usr/bin/python3 -c 'import socket
server = socket.socket(socket.AF_UNIX)
server.bind("${peer}/socket")
server.listen()
while True: server.accept()'; until test -S ${peer}/socket; do sleep 0.05; done`;
