import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOfText, hasLoneByte, textOfBytes } from '../../src/paths/byte-text.ts';

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 4 }).map((text) => Buffer.from(text, 'utf8')),
  // The bytes that would encode surrogates, a BOM, and sequences that break off.
  fc
    .constantFrom('edb280', 'eda0bd', 'efbbbf', 'f09f98', 'f0', 'c0af', 'f4908080', 'e28080')
    .map((hex) => Buffer.from(hex, 'hex')),
);
const bytes = fc.array(piece, { maxLength: 8 }).map((pieces) => Buffer.concat(pieces));

test('every byte string survives as text, also through JSON', () => {
  fc.assert(
    fc.property(bytes, (given) => {
      const text = textOfBytes(given.toString('latin1'));
      expect(bytesOfText(text).equals(given)).toBe(true);
      expect(bytesOfText(JSON.parse(JSON.stringify(text))).equals(given)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('valid UTF-8 is itself, and only other bytes are lone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = Buffer.from(text, 'utf8');
      expect(textOfBytes(encoded.toString('latin1'))).toBe(text);
      expect(hasLoneByte(text)).toBe(false);
    }),
  );
  expect(textOfBytes('a\xffb')).toBe('a\udcffb');
  expect(hasLoneByte(textOfBytes('a\xffb'))).toBe(true);
});

test('long names of bytes that are not UTF-8 take linear time', () => {
  const long = '\xff'.repeat(200_000);
  expect(bytesOfText(textOfBytes(long)).toString('latin1')).toBe(long);
});
