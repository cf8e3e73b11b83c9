import type { Sanitizer } from '@gatescope/sanitizer';
import type { AttributeValue } from '@gatescope/trace';
import type { RequestRecord } from './request-record.ts';
import { ATTRIBUTES } from './span-kinds.ts';

/** Attributes whose values the gateway makes itself, of what no peer can choose: ids, addresses, names of protocols. */
const OWN: ReadonlySet<string> = new Set([
  'client.address',
  'http.request.method',
  'network.peer.address',
  'network.peer.name',
  'network.protocol.name',
  'network.protocol.version',
  'proxy.kong.consumer_id',
  'proxy.kong.dns.entry',
  'proxy.kong.latency.net_io_timings',
  'proxy.kong.plugin.instance_id',
  'proxy.kong.request.id',
  'proxy.kong.router.route_id',
  'proxy.kong.router.service_id',
  'proxy.kong.upstream.lb_algorithm',
  'proxy.kong.upstream_id',
  'server.address',
  'tls.cipher',
  'url.scheme',
]);
const IS_OWN = ATTRIBUTES.map(({ name }) => OWN.has(name));

/** Digits enough for a card's number, a sign that stands before secrets, or a scheme of credentials. */
const TELLING = /[:=@%]|\d(?:\D*\d){11}|(?:bearer|basic|negotiate)[ +]/i;
const HOST = /^[\w.-]+(?::\d{1,5})?$/;
const MANY_DIGITS = /\d(?:\D*\d){11}/;
/** What can spell a digit, or stand for a space. */
const ESCAPE = /[%&\\+]/;
/** Digits enough for a card's number with nothing between them that can't be in one. */
const CARD_LIKE = /\d(?:[\s\0-]*\d){11}/;

/**
 * Masks secrets in the attributes and error messages of a finished record, in place. With `everywhere`, as an author's rules may ask for, in
 * values that the gateway makes itself too.
 */
export function scrubRecord(record: RequestRecord, sanitizer: Sanitizer, everywhere: boolean): void {
  const { attributeKeys, attributeValues, errors } = record;
  for (let index = 0; index < record.attributeCount; index++) {
    const value = attributeValues[index]!;
    if (typeof value === 'number' || typeof value === 'boolean') continue;
    if (everywhere) attributeValues[index] = scrubbed(value, sanitizer);
    else if (
      !IS_OWN[attributeKeys[index]!] &&
      (typeof value !== 'string' || (!isPlain(value) && isTelling(value)))
    )
      attributeValues[index] = scrubbed(value, sanitizer);
  }
  for (let index = 0; index < record.spanCount; index++) {
    const error = errors[index]!;
    if (error !== null) errors[index] = sanitizer.text(error).text;
  }
}

/** What a character of ASCII may stand for. */
const CHARACTER = { any: 0, digit: 1, slash: 2, colon: 3, telling: 4 } as const;
const CHARACTERS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (character >= '0' && character <= '9') return CHARACTER.digit;
  if (character === '/') return CHARACTER.slash;
  if (character === ':') return CHARACTER.colon;
  return '=@%+ '.includes(character) ? CHARACTER.telling : CHARACTER.any;
});
/** Digits of the shortest card number. */
const CARD_DIGITS_MIN = 12;

/** Whether a text holds nothing that {@link isTelling} could find, told in one go; most paths, hosts and URLs are such. */
function isPlain(text: string): boolean {
  const characters = CHARACTERS;
  let isAuthority = text.startsWith('http://') || text.startsWith('https://');
  let digits = 0;
  for (let index = isAuthority ? text.indexOf('/') + 2 : 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return false;
    const character = characters[code]!;
    if (character === CHARACTER.any) continue;
    if (character === CHARACTER.slash) isAuthority = false;
    else if (character === CHARACTER.digit) {
      if (++digits === CARD_DIGITS_MIN) return false;
    } else if (character === CHARACTER.telling || !isAuthority) return false;
  }
  return true;
}

/** Whether a text is worth the look: what stands before the path of a URL is, for its digits alone. */
function isTelling(text: string): boolean {
  if (HOST.test(text)) return CARD_LIKE.test(text);
  const authority = text.indexOf('://');
  if (authority < 0 || text.includes('@')) return TELLING.test(text);
  const path = text.indexOf('/', authority + 3);
  return (
    (path >= 0 && TELLING.test(text.slice(path))) || (ESCAPE.test(text) ? MANY_DIGITS : CARD_LIKE).test(text)
  );
}

function scrubbed(value: AttributeValue | null, sanitizer: Sanitizer): AttributeValue | null {
  if (typeof value === 'string') return sanitizer.text(value).text;
  if (Array.isArray(value)) return value.map((one: AttributeValue) => scrubbed(one, sanitizer)!);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, scrubbed(one as AttributeValue, sanitizer)!]),
  );
}
