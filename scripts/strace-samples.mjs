/**
 * The daemons of test/strace-samples/: how each is started under strace, and what it is asked while it is watched.
 *
 * `before`, `ready`, `exercise` and `stop` are shell; `listens PORT` and `traced` come with the box (record-samples.mjs). `command`
 * is what a person would type: LOG stands for the log's name. Without `stop` the daemon gets SIGTERM.
 *
 * @typedef {object} Sample
 * @property {string} name
 * @property {string} what
 * @property {string[]} packages
 * @property {string} command
 * @property {string} ready
 * @property {string} [before]
 * @property {string} [exercise]
 * @property {string} [stop]
 * @property {boolean} [set] `-ff`: a directory of files
 * @property {boolean} [fromStderr] strace has no `-o`: its lines stand among the program's own
 * @property {(log: Buffer) => number} [cut] how many bytes are kept
 * @property {string} [done]
 */

const get = (port, path = '/') => `curl -s -o /dev/null http://127.0.0.1:${port}${path}`;
/** Writes to a port and reads until the other side closes. */
const talk = (port, text) => `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}; printf "${text}" >&3; cat <&3'`;
const nginxSite = `cat >/etc/nginx/sites-enabled/default <<'END'
server { listen 127.0.0.1:80; root /srv/www; location ~ php$ {
  include fastcgi_params; fastcgi_param SCRIPT_FILENAME /srv/www$fastcgi_script_name; fastcgi_pass unix:/run/php/php8.2-fpm.sock; } }
END
printf 'worker_processes 1;\\n' >/tmp/one; sed -i '/^worker_processes/d' /etc/nginx/nginx.conf
cat /etc/nginx/nginx.conf >>/tmp/one; cp /tmp/one /etc/nginx/nginx.conf`;

/** Calls the kernel through `int 0x80`; needs neither a 32-bit libc nor its headers. */
const smallProgram = `cat >/tmp/small.c <<'END'
static int call(int n, long a, long b, long c) { int r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory"); return r; }
void _start(void) {
  static unsigned char name[18] = "\\1\\0/run/small.sock"; name[0] = 1;
  int fd = call(5, (long)"/srv/www/made-by-32-bit", 0101, 0600);
  call(4, fd, (long)"32\\n", 3);
  long socket[3] = { 1, 1, 0 }; int s = call(102, 1, (long)socket, 0);
  long bind[3] = { s, (long)name, 18 }; call(102, 2, (long)bind, 0);
  call(1, 0, 0, 0);
}
END
gcc -m32 -nostdlib -static -ffreestanding -fno-pie -no-pie -fno-stack-protector -o /srv/www/small /tmp/small.c`;

/** @type {Sample[]} */
export const samples = [
  {
    name: 'python-http-server',
    what: 'a web server of one file, asked for a page, a directory and a page that is not there',
    packages: ['python3'],
    // Modules that others installed on the recording machine are not ours to show.
    before: 'mount -t tmpfs tmpfs /usr/lib/python3',
    command: 'strace -f -o LOG python3 -m http.server 8000',
    ready: 'listens 8000',
    exercise: [get(8000), get(8000, '/index.html'), get(8000, '/missing')].join('; '),
  },
  {
    name: 'nginx',
    what: 'a master and a worker; three requests',
    packages: ['nginx-light'],
    before: nginxSite,
    command: `strace -f -o LOG nginx -g 'daemon off;'`,
    ready: 'listens 80',
    exercise: [get(80), get(80, '/index.html'), get(80, '/missing')].join('; '),
  },
  {
    name: 'nginx-reload',
    what: 'the same, told to reload and to reopen its logs after they were rotated, with every annotation',
    packages: ['nginx-light'],
    before: nginxSite,
    command: `strace -f -tt -T -yy -s 64 -o LOG nginx -g 'daemon off;'`,
    ready: 'listens 80',
    exercise: `${get(80)}; mv /var/log/nginx/access.log /var/log/nginx/access.log.1
kill -USR1 "$(cat /run/nginx.pid)"; wait_for '[ -e /var/log/nginx/access.log ]'
old=$(pgrep -P "$(cat /run/nginx.pid)"); kill -HUP "$(cat /run/nginx.pid)"; wait_for '! kill -0 $old'; ${get(80)}`,
  },
  {
    name: 'nginx-workers',
    what: 'a file for each process',
    packages: ['nginx-light'],
    before: nginxSite,
    command: `strace -ff -ttt -o LOG nginx -g 'daemon off;'`,
    ready: 'listens 80',
    exercise: [get(80), get(80, '/index.html')].join('; '),
    set: true,
    done: 'each file packed',
  },
  {
    name: 'nginx-cut',
    what: 'a log on a disk that was full: it ends in the middle of a line',
    packages: ['nginx-light'],
    before: nginxSite,
    command: `strace -f -o LOG nginx -g 'daemon off;'`,
    ready: 'listens 80',
    exercise: get(80),
    cut: (log) => log.lastIndexOf('openat(AT_FDCWD, "/') + 'openat(AT_FDCWD, "/'.length,
    done: 'cut in the last openat, packed',
  },
  {
    name: 'apache2',
    what: 'started by its shell script; two requests',
    packages: ['apache2'],
    before: `cp /srv/www/index.html /var/www/html/index.html
printf 'StartServers 1\\nThreadsPerChild 4\\nServerName sample\\n' >/etc/apache2/conf-enabled/sample.conf`,
    command: 'strace -f -o LOG apache2ctl -D FOREGROUND',
    ready: 'listens 80',
    exercise: `${get(80)}; ${get(80, '/missing')}; kill -TERM "$(cat /run/apache2/apache2.pid)"`,
    stop: ':',
  },
  {
    name: 'redis-server',
    what: 'as its own user: sets, gets, saves in a child',
    packages: ['redis-server'],
    before: 'install -d -o redis -g redis /run/redis',
    command: 'strace -f -u redis -o LOG redis-server /etc/redis/redis.conf --daemonize no',
    ready: 'listens 6379',
    exercise:
      'redis-cli set a 1; redis-cli get a; redis-cli bgsave; wait_for "[ -e /var/lib/redis/dump.rdb ]"',
  },
  {
    name: 'redis-attached',
    what: 'attached to while it runs: nothing of its start is there',
    packages: ['redis-server'],
    before: `install -d -o redis -g redis /run/redis
setpriv --reuid redis --regid redis --clear-groups redis-server /etc/redis/redis.conf --daemonize no & wait_for 'listens 6379'`,
    command: 'strace -f -y -o LOG -p $(pidof redis-server)',
    ready: '[ -s /mnt/log ]',
    exercise: 'redis-cli set a 1; redis-cli get a; redis-cli save; pkill -TERM redis-server',
    stop: ':',
  },
  {
    name: 'dnsmasq',
    what: 'a name server: a name it knows, one it does not',
    packages: ['dnsmasq-base'],
    before: 'mkdir -p /run/dnsmasq',
    command: 'strace -f -o LOG dnsmasq -k --no-resolv --address=/example.test/192.0.2.1',
    ready: 'listens 53',
    exercise: 'getent ahosts example.test; getent ahosts missing.invalid || :',
  },
  {
    name: 'unbound',
    what: 'a resolver with threads, locked into its directory; local data only',
    packages: ['unbound'],
    before: `cat >/etc/unbound/unbound.conf <<'END'
server:
  num-threads: 2
  interface: 127.0.0.1
  outgoing-range: 16
  outgoing-port-avoid: 0-65535
  outgoing-port-permit: 40000-40063
  chroot: "/etc/unbound"
  local-zone: "." static
  local-data: "example.test A 192.0.2.1"
END`,
    command: 'strace -f -tt -o LOG unbound -d',
    ready: 'listens 53',
    exercise: 'getent ahosts example.test; getent ahosts missing.invalid || :',
  },
  {
    name: 'sshd',
    what: 'a login over loopback with a key made for it, one command',
    packages: ['openssh-server', 'openssh-client'],
    before: `mkdir -p /run/sshd; rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -C sample -f /etc/ssh/ssh_host_ed25519_key
useradd -m -s /bin/sh sample; ssh-keygen -q -t ed25519 -N '' -C sample -f /root/key
install -D -m 644 /root/key.pub /home/sample/.ssh/authorized_keys; printf 'UsePAM yes\\nPrintMotd no\\nPrintLastLog no\\nStrictModes no\\n' >/etc/ssh/sshd_config`,
    command: 'strace -f -o LOG /usr/sbin/sshd -D -p 2222',
    ready: 'listens 2222',
    exercise: 'ssh -i /root/key -p 2222 -o StrictHostKeyChecking=no sample@127.0.0.1 true',
  },
  {
    name: 'php-fpm',
    what: 'a pool of workers behind a web server that is not watched; one script',
    packages: ['php8.2-fpm', 'nginx-light'],
    before: `${nginxSite}; mkdir -p /run/php; sed -i '/^;/d' /etc/php/8.2/fpm/pool.d/www.conf /etc/php/8.2/fpm/php-fpm.conf; echo '<?php echo 6 * 7;' >/srv/www/a.php; nginx`,
    command: 'strace -f -o LOG php-fpm8.2 -F',
    ready: '[ -S /run/php/php8.2-fpm.sock ]',
    exercise: get(80, '/a.php'),
  },
  {
    name: 'memcached',
    what: 'threads; sets and gets',
    packages: ['memcached'],
    command: 'strace -f -o LOG memcached -u memcache -t 2 -l 127.0.0.1',
    ready: 'listens 11211',
    exercise: talk(11211, String.raw`set a 0 0 1\r\nb\r\nget a\r\nquit\r\n`),
  },
  {
    name: 'rsync-daemon',
    what: 'one module, read by a client; a child with a changed root',
    packages: ['rsync'],
    before: `printf '[www]\\npath = /srv/www\\n' >/etc/rsyncd.conf`,
    command: 'strace -f -tt -T -yy -s 64 -o LOG rsync --daemon --no-detach',
    ready: 'listens 873',
    exercise: 'rsync -r rsync://127.0.0.1/www/ /tmp/copy/',
  },
  {
    name: 'vsftpd',
    what: 'children in namespaces of their own; an anonymous visitor reads a file',
    packages: ['vsftpd'],
    before: `printf 'listen=YES\\nbackground=NO\\nanonymous_enable=YES\\nlocal_enable=NO\\nanon_root=/srv/www\\nsecure_chroot_dir=/run/vsftpd/empty\\n' >/etc/vsftpd.conf
mkdir -p /run/vsftpd/empty`,
    command: 'strace -f -o LOG vsftpd /etc/vsftpd.conf',
    ready: 'listens 21',
    exercise: 'curl -s -o /dev/null ftp://127.0.0.1/index.html || :',
  },
  {
    name: 'lighttpd',
    what: 'two requests',
    packages: ['lighttpd'],
    before: 'cp /srv/www/index.html /var/www/html/; mkdir -p /run/lighttpd; chown www-data /run/lighttpd',
    command: 'strace -f -ttt -o LOG lighttpd -D -f /etc/lighttpd/lighttpd.conf',
    ready: 'listens 80',
    exercise: [get(80, '/index.html'), get(80, '/missing')].join('; '),
  },
  {
    name: 'cron',
    what: 'one job of each minute, run once',
    packages: ['cron'],
    before: `printf '* * * * * root touch /run/ran\\n' >/etc/cron.d/sample`,
    command: 'strace -f -t -o LOG cron -f',
    ready: '[ -e /run/ran ]',
    exercise: 'wait_for "! pgrep -x touch"',
  },
  {
    name: 'rsyslogd',
    what: 'a message over /dev/log; told to reopen its files',
    packages: ['rsyslog', 'bsdutils'],
    before: `mount -t tmpfs tmpfs /dev/shm; mkdir -p /run/log; sed -i 's/^module(load="imklog").*//; s,^module(load="imuxsock").*,module(load="imuxsock" SysSock.Name="/run/log/socket"),' /etc/rsyslog.conf`,
    command: 'strace -f -o LOG rsyslogd -n',
    ready: '[ -S /run/log/socket ]',
    exercise: `logger -u /run/log/socket hello; wait_for '[ -s /var/log/syslog ]'; pkill -HUP rsyslogd; logger -u /run/log/socket again`,
  },
  {
    name: 'postgresql',
    what: 'a server as its own user, one connection: a table is made, filled, read',
    packages: ['postgresql-15'],
    before: `install -d -o postgres -g postgres /run/postgresql /srv/data
setpriv --reuid postgres --regid postgres --init-groups /usr/lib/postgresql/15/bin/initdb -A trust -D /srv/data`,
    command: 'strace -f -u postgres -o LOG /usr/lib/postgresql/15/bin/postgres -D /srv/data',
    ready: '[ -S /run/postgresql/.s.PGSQL.5432 ]',
    exercise: `wait_for "psql -U postgres -c 'create table t as select 1 as a'"; psql -U postgres -c 'select * from t'`,
  },
  {
    name: 'thirty-two-bits',
    what: 'a 64-bit shell that starts a 32-bit program, without a libc: it opens a file, binds a socket and ends',
    packages: ['gcc', 'libc6-dev'],
    before: smallProgram,
    command: `strace -f -o LOG sh -c './small; ls >/dev/null'`,
    ready: ':',
    stop: ':',
  },
  {
    name: 'thirty-two-bits-marked',
    what: 'the same without -o: only then strace says which process runs in which mode',
    packages: ['gcc', 'libc6-dev'],
    before: smallProgram,
    command: `strace -f sh -c './small; ls >/dev/null'`,
    ready: ':',
    stop: ':',
    fromStderr: true,
    done: 'its standard error, packed',
  },
  {
    name: 'among-output',
    what: 'without -o: the lines stand among what the program says',
    packages: [],
    command: `strace -f sh -c 'echo one; echo two >&2; ls /missing; cat index.html; echo "1 read(0, ..."; exit 3'`,
    ready: ':',
    stop: ':',
    fromStderr: true,
    done: 'the standard error and output of the whole, packed',
  },
];
