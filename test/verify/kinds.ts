/** A unit of one kind that a tracer, or who tries a drop-in, may stumble over. */
export interface Kind {
  /** The unit's name, without its type. */
  name: string;
  /** Unit files, by name; those of a user's manager where `isUser` says so. */
  files: Readonly<Record<string, string>>;
  /** Sockets that are enabled. */
  enabled?: readonly string[];
  isUser?: boolean;
  exercise: string;
  /** A path that must be in the profile. */
  saw: string;
}

const prefix = 'sandbox-profile-kind';
const python = (text: string) => `/usr/bin/python3 -c "import os, socket, time; ${text}"`;
const answers = (port: number) =>
  `python3 -c "import socket; assert socket.create_connection(('127.0.0.1', ${port}), 5).recv(2) == b'hi'"`;

/** A file tree of its own, into which the host's programs are mounted. */
export const tree = `/srv/${prefix}-tree`;

export const kinds = {
  'is started by a socket that is enabled, and says nothing of it': {
    name: `${prefix}-socket`,
    files: {
      [`${prefix}-socket.socket`]:
        '[Socket]\nListenStream=127.0.0.1:18241\n[Install]\nWantedBy=sockets.target\n',
      [`${prefix}-socket.service`]: `[Service]\nExecStart=${python("assert os.environ['LISTEN_PID'] == str(os.getpid()); s = socket.socket(fileno=3); [(open('/etc/hosts'), s.accept()[0].send(b'hi')) for _ in range(1000)]")}\n`,
    },
    enabled: [`${prefix}-socket.socket`],
    exercise: answers(18_241),
    saw: '/etc/hosts',
  },
  'has an instance for each connection': {
    name: `${prefix}-accept@`,
    files: {
      [`${prefix}-accept.socket`]: '[Socket]\nListenStream=127.0.0.1:18242\nAccept=yes\n',
      [`${prefix}-accept@.service`]:
        '[Service]\nStandardInput=socket\nStandardOutput=socket\nExecStart=/bin/sh -c "test -r /etc/hosts && read line < /etc/hosts; printf hi"\n',
    },
    exercise: answers(18_242),
    saw: '/etc/hosts',
  },
  'restarts itself': {
    name: `${prefix}-again`,
    files: {
      [`${prefix}-again.service`]:
        '[Service]\nRestart=always\nRestartSec=100ms\nExecStart=/bin/sh -c "touch /run/again && exec sleep 2"\n',
    },
    exercise: 'sleep 3',
    saw: '/run/again',
  },
  'ends when it is done': {
    name: `${prefix}-job`,
    files: { [`${prefix}-job.service`]: '[Service]\nExecStart=/bin/sh -c "touch /run/job; sleep 0.3"\n' },
    exercise: 'true',
    saw: '/run/job',
  },
  'has a file tree of its own': {
    name: `${prefix}-tree`,
    files: {
      [`${prefix}-tree.service`]: `[Service]\nRootDirectory=${tree}\nBindReadOnlyPaths=/usr\nMountAPIVFS=yes\nPrivateDevices=yes\nExecStart=/usr/bin/sleep 100000\n`,
    },
    exercise: `systemctl is-active ${prefix}-tree`,
    saw: '/usr/bin/sleep',
  },
  "is of a user's own manager": {
    name: `${prefix}-mine`,
    isUser: true,
    files: {
      [`${prefix}-mine.service`]:
        '[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c "touch %t/mine; systemd-notify --ready; exec sleep 100000"\n',
    },
    exercise: `test "$(id -u)" != 0; systemctl --user is-active ${prefix}-mine`,
    saw: '/run/user/1/mine',
  },
} as const satisfies Readonly<Record<string, Kind>>;
