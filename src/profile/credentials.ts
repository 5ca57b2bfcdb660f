import {
  allCapabilities,
  type Capabilities,
  capability,
  capabilityText,
  fileSystemCapabilities,
  noCapabilities,
} from './capabilities.ts';

/**
 * Who a thread is to the kernel, and how calls change that. Never changed in place, so threads and children share one until a
 * call gives them another: https://man7.org/linux/man-pages/man7/credentials.7.html, capabilities(7), security/commoncap.c
 */
export interface Credentials {
  readonly uid: Ids;
  readonly gid: Ids;
  readonly permitted: Capabilities;
  readonly effective: Capabilities;
  readonly inheritable: Capabilities;
  readonly ambient: Capabilities;
  readonly bounding: Capabilities;
  /** PR_SET_KEEPCAPS and securebits(7). */
  readonly keepsCapabilities: boolean;
  readonly noRoot: boolean;
  readonly noSetuidFixup: boolean;
  readonly noNewPrivileges: boolean;
  /** In a user namespace of its own: ids and capabilities are not the host's. */
  readonly isNamespaced: boolean;
  /** Taken for granted rather than seen: an answer of geteuid may put it right. */
  readonly isAssumed: boolean;
  /** As evidence names it, see `labelOf`. */
  readonly label: string;
}

/** -1 stands for an id that nobody knows. */
export interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
  readonly file: number;
}

export function sameIds(id: number): Ids {
  return { real: id, effective: id, saved: id, file: id };
}

/** A process as a service manager or a shell starts it: root with every capability, anybody else with none. */
export function initialCredentials(uid: number): Credentials {
  const capabilities = uid === 0 ? allCapabilities : noCapabilities;
  return labelled({
    uid: sameIds(uid),
    gid: sameIds(-1),
    permitted: capabilities,
    effective: capabilities,
    inheritable: noCapabilities,
    ambient: noCapabilities,
    bounding: allCapabilities,
    keepsCapabilities: false,
    noRoot: false,
    noSetuidFixup: false,
    noNewPrivileges: false,
    isNamespaced: false,
    isAssumed: true,
    label: '',
  });
}

/** A task as the kernel shows it at one moment: its file system uid, and the capabilities that are in effect. */
export function shownCredentials(uid: number, effective: Capabilities, isNamespaced: boolean): Credentials {
  return changed(initialCredentials(uid), { effective, permitted: effective, isNamespaced });
}

/** The same with some of it changed. */
export function changed(before: Credentials, change: Partial<Credentials>): Credentials {
  return labelled({ ...before, isAssumed: false, ...change });
}

export function holds(credentials: Credentials, name: string): boolean {
  return (credentials.effective & capability(name)) !== noCapabilities;
}

/**
 * The file system uid, and the effective capabilities where they are not what that uid has by itself (root all, others none):
 * `0`, `33`, `33 NET_BIND_SERVICE`, `0 none`, `1000 userns`.
 */
function labelOf({ uid, effective, isNamespaced }: Credentials): string {
  if (isNamespaced) return `${uid.file} userns`;
  const usual = uid.file === 0 ? allCapabilities : noCapabilities;
  return effective === usual ? String(uid.file) : `${uid.file} ${capabilityText(effective)}`;
}

function labelled(credentials: Credentials): Credentials {
  return { ...credentials, label: labelOf(credentials) };
}

/** A user namespace of its own gives every capability in there, and none outside. */
export function withNewUsers(before: Credentials): Credentials {
  return changed(before, { isNamespaced: true });
}

/** What a change of user ids does to capabilities: https://man7.org/linux/man-pages/man7/capabilities.7.html (Effect of user ID changes) */
export function withUserIds(before: Credentials, uid: Ids): Credentials {
  if (before.noSetuidFixup) return changed(before, { uid });
  let { permitted, effective, ambient } = before;
  const isRoot = ({ real, effective: current, saved }: Ids) => real === 0 || current === 0 || saved === 0;
  if (isRoot(before.uid) && !isRoot(uid)) {
    if (!before.keepsCapabilities) permitted = effective = noCapabilities;
    ambient = noCapabilities;
  }
  if (before.uid.effective === 0 && uid.effective !== 0) effective = noCapabilities;
  if (before.uid.effective !== 0 && uid.effective === 0) effective = permitted;
  return changed(before, { uid, permitted, effective, ambient });
}

/** setfsuid(2) moves only the capabilities that are about files. */
export function withFileUser(before: Credentials, file: number): Credentials {
  let { effective } = before;
  if (!before.noSetuidFixup) {
    if (before.uid.file === 0 && file !== 0) effective &= ~fileSystemCapabilities;
    if (before.uid.file !== 0 && file === 0) effective |= before.permitted & fileSystemCapabilities;
  }
  return changed(before, { uid: { ...before.uid, file }, effective });
}

/**
 * What execve makes of capabilities, for a file that is neither set-uid nor has capabilities of its own: which files are is not
 * in a log. https://man7.org/linux/man-pages/man7/capabilities.7.html (Transformation of capabilities during execve)
 */
export function afterExec(before: Credentials): Credentials {
  const { real, effective: current } = before.uid;
  const uid = { ...before.uid, saved: current, file: current };
  const gid = { ...before.gid, saved: before.gid.effective, file: before.gid.effective };
  const asRoot = !before.noRoot && (real === 0 || current === 0);
  const permitted = (asRoot ? before.inheritable | before.bounding : noCapabilities) | before.ambient;
  const effective = asRoot && current === 0 ? permitted : before.ambient;
  const { isAssumed } = before;
  return changed(before, { uid, gid, permitted, effective, keepsCapabilities: false, isAssumed });
}
