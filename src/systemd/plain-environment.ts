/**
 * The environment in which systemd's own programs are run: words in English without colour or pager, programs from the
 * system's directories, and nothing of the caller's (SYSTEMD_SECCOMP=0 or SYSTEMD_UNIT_PATH would change the answers).
 * @see https://github.com/systemd/systemd/blob/main/docs/ENVIRONMENT.md
 */
export const plainEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  SYSTEMD_COLORS: '0',
  SYSTEMD_EMOJI: '0',
  SYSTEMD_PAGER: '',
  SYSTEMD_URLIFY: '0',
} as const;
