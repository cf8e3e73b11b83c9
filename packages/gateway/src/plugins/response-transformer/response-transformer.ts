import type { PluginDefinition } from '../../pipeline/plugin.ts';
import { checkHeaderPairs, compileHeaderChanges, section, typedSection } from '../transform-fields.ts';

type JsonType = 'boolean' | 'number' | 'string';
type Section = { readonly headers: string[]; readonly json: string[]; readonly json_types?: JsonType[] };

const SECTIONS = ['remove', 'rename', 'replace', 'add', 'append'] as const;

/** Changes the head of the response before it goes to the client, and top-level members of a JSON body. */
export const responseTransformer: PluginDefinition = {
  name: 'response-transformer',
  schema: {
    remove: section('headers', 'json'),
    rename: section('headers', 'json'),
    replace: typedSection,
    add: typedSection,
    append: typedSection,
  },
  check: (config) => checkHeaderPairs(config, ['add', 'append', 'replace', 'rename']),
  create(config) {
    const of = (name: (typeof SECTIONS)[number]) => config[name] as Section;
    const headers = compileHeaderChanges({
      remove: of('remove').headers,
      rename: of('rename').headers,
      replace: of('replace').headers,
      add: of('add').headers,
      append: of('append').headers,
    });
    const touchesJson = SECTIONS.some((name) => of(name).json.length > 0);
    return {
      headerFilter(exchange) {
        if (exchange.response !== null) headers?.(exchange.response.headers);
      },
      ...(touchesJson
        ? {
            response(exchange) {
              const { response } = exchange;
              if (
                response?.body == null ||
                !/^application\/(.+\+)?json/i.test(response.headers.get('content-type') ?? '')
              )
                return;
              const changed = changeJson(response.body, of);
              if (changed !== null) response.body = changed;
            },
          }
        : {}),
    };
  },
};

function changeJson(body: Buffer, of: (name: (typeof SECTIONS)[number]) => Section): Buffer | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const members = new Map(Object.entries(parsed));
  const split = (text: string): [string, string] => [
    text.split(':', 1)[0]!,
    text.slice(text.indexOf(':') + 1),
  ];
  for (const name of of('remove').json) members.delete(name);
  for (const [name, to] of of('rename').json.map(split)) {
    if (!members.has(name)) continue;
    members.set(to, members.get(name));
    members.delete(name);
  }
  const typed = (name: (typeof SECTIONS)[number]) =>
    of(name).json.map((text, index): [string, unknown] => {
      const [member, value] = split(text);
      return [member, cast(value, of(name).json_types?.[index])];
    });
  for (const [name, value] of typed('replace')) if (members.has(name)) members.set(name, value);
  for (const [name, value] of typed('add')) if (!members.has(name)) members.set(name, value);
  for (const [name, value] of typed('append')) {
    const current = members.get(name);
    members.set(
      name,
      current === undefined ? [value] : Array.isArray(current) ? [...current, value] : [current, value],
    );
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(members)));
}

/** A value as the type it is said to have; what is no number stays a text. */
function cast(value: string, type: JsonType | undefined): unknown {
  if (type === 'boolean') return value === 'true';
  if (type !== 'number') return value;
  const number = Number(value);
  return value.trim() === '' || Number.isNaN(number) ? value : number;
}
