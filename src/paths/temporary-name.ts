/**
 * Names that are another one in each run, by the look of them: a grant for such a name is worth nothing tomorrow. Conservative: a
 * name that packages ship (`libfoo.so.1.2`, `python3.11`, `5ed36f99.0`) must not be taken for one.
 * How the names come about: https://man7.org/linux/man-pages/man3/mkstemp.3.html, g_mkstemp, Python's tempfile, Go's os.CreateTemp,
 * Rust's tempfile, rsync, systemd's tempfn_random.
 */

/** NAME_MAX: no file system of Linux has longer names. */
const longestName = 255;

/** What alone makes a name temporary, wherever it stands in it. All are linear: no repetition holds another. */
const shapes: readonly RegExp[] = [
  // A UUID.
  /(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])/i,
  // MD5, SHA-1, SHA-256 …, a machine id, a container id.
  /(?<![0-9a-z])(?=[0-9a-f]{0,30}[0-9])(?=[0-9a-f]{0,30}[a-f])[0-9a-f]{32,128}(?![0-9a-z])/i,
  // A counter, a time in seconds or finer, a random number: nine digits and more.
  /[0-9]{9}/,
  // A pid that says so: foo.pid12345, pid-12345.
  /(?:^|[._-])pid[._-]?[0-9]+(?:[._-]|$)/,
  // temp-1234.rdb, tmp.12345, pgsql_tmp1234.0; then 12345.tmp and foo.12345.temp.
  /(?:^|[._-])te?mp[._-]?[0-9]{2,}(?:[._-]|$)/i,
  /(?:^|[._-])[0-9]{2,}[._-]te?mp(?:[._-]|$)/i,
  // .~tmp and its kin.
  /\.~tmp/,
  // #1234, an inode's number, as a file that was made without a name shows; #sql-1a2_3.
  /^#[0-9]+(?:$|\s)/,
  /^#[a-z]+-?[0-9a-f]+_[0-9a-f]+/,
  // A core dump: core.1234.
  /^core\.[0-9]+$/,
  // A file that NFS keeps because it is still open.
  /^\.nfs[0-9a-f]{16,}$/,
  // .#name and 16 random hexadecimal digits.
  /^\.#.*[0-9a-f]{16}$/,
  // Python's tempfile: tmp and 8 of a-z, 0-9, _; a digit tells it from a word.
  /^tmp(?=[a-z_]{0,7}[0-9])[a-z0-9_]{8}(?:[._-]|$)/,
];

/** An eight-digit or dashed date that is a date, with or without a time behind it. */
const date = /(?<![0-9A-Za-z])(?:19|20)[0-9]{2}([-_.]?)(0[1-9]|1[0-2])\1(0[1-9]|[12][0-9]|3[01])(?![0-9])/;

/** `/nix/store` and its kin: 32 digits of an alphabet without e, o, t, u; such a name is the same for ever. */
const contentAddressed = /^[0-9a-df-np-sv-z]{32}-/;

/**
 * Whether a name (one component of a path) looks as if another run would choose another one. `pids` are the process numbers of the
 * trace: a number in a name that is one of them counts too.
 */
export function isTemporaryName(name: string, pids?: ReadonlySet<number>): boolean {
  if (name === '' || name.length > longestName) return false;
  // Dated libraries; debug symbols by build id.
  if (/\.(?:so(?:\.|$)|debug$)/.test(name)) return false;
  if (contentAddressed.test(name) && /^[0-9a-z]*[g-z]/.test(name)) return false;
  return (
    shapes.some((shape) => shape.test(name)) ||
    date.test(name) ||
    hasRandomPart(name) ||
    (pids !== undefined && hasPid(name, pids))
  );
}

/** A number of three digits and more (small ones are versions) that is no part of a version such as 1.2.345. */
function hasPid(name: string, pids: ReadonlySet<number>): boolean {
  for (const match of name.matchAll(/[0-9]+/g)) {
    const [number] = match;
    if (number.length < 3 || number.startsWith('0') || /[0-9]\.$/.test(name.slice(0, match.index))) continue;
    if (pids.has(Number(number))) return true;
  }
  return false;
}

/** Where `mkstemp` and its kin put the random part: a run of letters and digits at the end, or before an extension. */
function hasRandomPart(name: string): boolean {
  const runs = name.split(/[^0-9A-Za-z]+/);
  return runs.some((run, at) => {
    const marked = at > 0 && /^te?mp$/i.test(runs[at - 1] ?? '');
    // Rust's tempfile: .tmpAbCdEf
    const behind = /^tmp([0-9A-Za-z]{6})$/.exec(run)?.[1];
    if (behind !== undefined) return changes(behind) >= 2;
    if (marked && run.length >= 6) return changes(run) >= (run.length > 6 ? 2 : 1) && hasTwoClasses(run);
    // Without a stem before it, six characters are more often a model's name.
    if (at === 0 && (runs.length > 1 || run.length < 10)) return false;
    return isRandom(run);
  });
}

/**
 * Whether letters and digits are in a disorder that no word has. mkstemp's tails have 6, those of some programs 10 or 12 characters; a
 * session's token has 20 and more. Words in camel case, versions and names of standards change class less often.
 */
function isRandom(run: string): boolean {
  const [upper, lower, digit] = [/[A-Z]/.test(run), /[a-z]/.test(run), /[0-9]/.test(run)];
  const count = changes(run);
  if (run.length >= 20) return digit && (upper || lower) && count >= run.length / 4;
  if (run.length !== 6 && run.length !== 10 && run.length !== 12) return false;
  const wanted = run.length / 2;
  if (upper && lower) return count >= (digit ? Math.min(wanted, 4) - 1 : wanted - 1) && !isWords(run);
  return upper && digit && count >= wanted;
}

/** `GtkFoo`, `IPv4v6`, `Latin1`: words that begin with a capital, each with a number behind it or none. */
function isWords(run: string): boolean {
  return (
    /^(?:[A-Z]{1,2}[a-z]{2,}[0-9]{0,2})+$/.test(run) ||
    /^[a-z]+(?:[A-Z][a-z]+)*[0-9]*$/.test(run) ||
    /v[0-9]/.test(run)
  );
}

function hasTwoClasses(run: string): boolean {
  return [/[A-Z]/, /[a-z]/, /[0-9]/].filter((kind) => kind.test(run)).length >= 2;
}

/** How often the class (capital, small letter, digit) changes, but for a capital that begins a word. */
function changes(run: string): number {
  let count = 0;
  for (let i = 1; i < run.length; i++) {
    const [before, here] = [classOf(run.charCodeAt(i - 1)), classOf(run.charCodeAt(i))];
    if (before !== here && !(before === 'upper' && here === 'lower')) count++;
  }
  return count;
}

function classOf(code: number): 'digit' | 'upper' | 'lower' {
  return code < 58 ? 'digit' : code < 97 ? 'upper' : 'lower';
}
