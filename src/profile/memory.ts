/**
 * Which parts of a process's memory are executable, as far as its own calls tell: what the kernel maps of a program when it starts it
 * is in no log. https://man7.org/linux/man-pages/man2/mmap.2.html
 *
 * Lists are never changed in place: one that is the same list as before says that nothing has changed.
 */
export interface Memory {
  code: readonly Range[];
}

/** From an address up to another, without it; sorted, and apart from each other. */
export interface Range {
  start: number;
  end: number;
}

/** More are not remembered: what is forgotten counts as not executable. */
const most = 1024;

export function newMemory(code: readonly Range[] = []): Memory {
  return { code };
}

export function isCode(code: readonly Range[], start: number, end: number): boolean {
  return code.some((range) => range.start <= start && end <= range.end);
}

export function withCode(code: readonly Range[], start: number, end: number): readonly Range[] {
  if (end <= start || isCode(code, start, end)) return code;
  const apart = code.filter((range) => range.end < start || range.start > end);
  const touching = code.filter((range) => range.end >= start && range.start <= end);
  const whole = {
    start: Math.min(start, ...touching.map((range) => range.start)),
    end: Math.max(end, ...touching.map((range) => range.end)),
  };
  return apart.length >= most ? code : [...apart, whole].sort((a, b) => a.start - b.start);
}

export function withoutCode(code: readonly Range[], start: number, end: number): readonly Range[] {
  if (!code.some((range) => range.start < end && start < range.end)) return code;
  return code.flatMap((range) => {
    if (range.end <= start || end <= range.start) return [range];
    const left = { start: range.start, end: start };
    const right = { start: end, end: range.end };
    return [left, right].filter((part) => part.start < part.end);
  });
}
