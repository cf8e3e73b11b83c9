import { createSanitizer } from '@gatescope/sanitizer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SecretMasking } from './masking.ts';
import { attribute } from './span-kinds.ts';

const URL_FULL = attribute('url.full');
const sanitizer = createSanitizer();

const masking = new SecretMasking(sanitizer, false);

test.each([
  ['http://127.0.0.1:19000/0', 'http://127.0.0.1:19000/0'],
  ['http://203.0.113.250:54321/2026-11-28', 'http://203.0.113.250:54321/2026-11-28'],
  ['http://4242424242424242/', `http://${'*'.repeat(16)}/`],
  ['http://4242-4242-4242-4242.test/', `http://${'*'.repeat(19)}.test/`],
  ['http://4242%204242%204242%204242/', `http://${'*'.repeat(25)}/`],
  ['http://a.test/4242424242424242', `http://a.test/${'*'.repeat(16)}`],
  ['http://a.test/%34242424242424242', `http://a.test/${'*'.repeat(18)}`],
])('SecretMasking masks the cards of a URL and leaves addresses: %s', (url, expected) => {
  expect(masking.text(URL_FULL, url)).toBe(expected);
});

test('SecretMasking masks of any text what the sanitizer masks', () => {
  const part = fc.constantFrom(
    ...['4242424242424242', '42', '4', '-', ' ', '.', '/', ':', '=', '@', '%3D', '%34', '+', '&', '"', 'é'],
    ...['bearer', 'Basic', 'token', 'apikey', 'password', 'cookie', 'x', 'http://', 'https://', 'a.test'],
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      // What stands before the path of a URL is looked at for cards alone.
      fc.pre(!text.includes('://'));
      expect(masking.text(URL_FULL, text)).toBe(sanitizer.text(text).text);
    }),
    { numRuns: 3_000 },
  );
});
