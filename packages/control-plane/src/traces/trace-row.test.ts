import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { newDataKey, sealAt } from '@gatescope/envelope';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPANS_DICTIONARY } from './spans-dictionary.ts';
import { openSpans, placeOf, sealSpans } from './trace-row.ts';

const dataKey = newDataKey();
const opened = (sealed_spans: Buffer) => openSpans(dataKey, { session_id: 's', id: 't', sealed_spans });

describe('openSpans()', () => {
  it('opens what sealSpans() sealed, short or long, like the dictionary or not', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc
        .tuple(fc.nat(SPANS_DICTIONARY.length), fc.nat(600))
        .map(([at, length]) => SPANS_DICTIONARY.subarray(at, at + length)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        expect(opened(sealSpans(dataKey, 's', 't', bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('opens what was deflated before there was a dictionary', () => {
    const bytes = Buffer.from('kong.read_client_http_headers'.repeat(40));
    const sealed = sealAt(placeOf('s', 't', 'spans'), dataKey, deflateRawSync(bytes, { level: 1 }));
    expect(opened(sealed)).toEqual(bytes);
  });
});

describe('SPANS_DICTIONARY', () => {
  it('is what every trace that is kept was deflated with', () => {
    expect(createHash('sha256').update(SPANS_DICTIONARY).digest('hex')).toBe(
      'e64518f1cca11bb0da4fcf347a1861f5bef9b53c06a4aded2f9030cda4e87a96',
    );
  });
});
