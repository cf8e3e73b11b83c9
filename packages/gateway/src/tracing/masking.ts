import { CARD_DIGITS_MIN, type Sanitizer } from '@gatescope/sanitizer';
import type { AttributeValue } from '@gatescope/trace';
import { ATTRIBUTES } from './span-kinds.ts';

/** Attributes whose values the gateway makes itself: ids, addresses, names of protocols. */
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

/** Whether the gateway makes an attribute's values itself, of what no peer can choose. */
export function isMadeHere(attribute: number): boolean {
  return IS_OWN[attribute] === true;
}

/** Digits enough for a card's number, a sign that stands before secrets, or a scheme of credentials. */
const TELLING = /[:=@%]|\d(?:\D*\d){11}|(?:bearer|basic|negotiate)[ +]/i;
const HOST = /^[\w.-]+(?::\d{1,5})?$/;
const MANY_DIGITS = /\d(?:\D*\d){11}/;
/** What can spell a digit, or stand for a space. */
const ESCAPE = /[%&\\+]/;
/** Digits enough for a card's number with nothing between them that can't be in one. */
const CARD_LIKE = /\d(?:[\s\0-]*\d){11}/;

/** Masks what is told of a finished request, text by text as it is encoded: the record keeps what it was, for sessions with other rules. */
export interface Masking {
  /** The text of an attribute, by the attribute's number. */
  text(attribute: number, text: string): string;
  /** A list or object of an attribute, in all its depth. */
  value(attribute: number, value: AttributeValue): AttributeValue;
  /** What stands for itself: why a span failed, what a plugin calls its spans, what it notes of a moment. */
  words(text: string): string;
}

/** Masks secrets. With `everywhere`, as an author's rules may ask for, in values that the gateway makes itself too. */
export class SecretMasking implements Masking {
  readonly #sanitizer: Sanitizer;
  readonly #everywhere: boolean;

  constructor(sanitizer: Sanitizer, everywhere: boolean) {
    this.#sanitizer = sanitizer;
    this.#everywhere = everywhere;
  }

  text(attribute: number, text: string): string {
    if (!this.#everywhere && (isMadeHere(attribute) || isPlain(text) || !isTelling(text))) return text;
    return this.#sanitizer.text(text).text;
  }

  value(attribute: number, value: AttributeValue): AttributeValue {
    return !this.#everywhere && isMadeHere(attribute) ? value : this.#masked(value);
  }

  words(text: string): string {
    return this.#sanitizer.text(text).text;
  }

  #masked(value: AttributeValue): AttributeValue {
    if (typeof value === 'string') return this.#sanitizer.text(value).text;
    if (Array.isArray(value)) return value.map((one: AttributeValue) => this.#masked(one));
    if (typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.#masked(one as AttributeValue)]),
    );
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
