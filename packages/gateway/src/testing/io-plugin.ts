import type { Span } from '@gatescope/trace';
import type { Exchange } from '../pipeline/exchange.ts';
import type { PluginDefinition, PluginInstance } from '../pipeline/plugin.ts';

/** A plugin of a test's own, without configuration. */
export function testPlugin(name: string, instance: PluginInstance): PluginDefinition {
  return { name, schema: {}, create: () => instance };
}

/** A plugin that runs this in its access phase. */
export function accessPlugin(
  access: (exchange: Exchange) => void | Promise<void>,
  name = 'probe',
): PluginDefinition {
  return testPlugin(name, { access });
}

/** What is below the span of this name, as an indented list in the order of beginning, each span with the attributes asked for. */
export function treeBelow(spans: readonly Span[], name: string, ...attributes: readonly string[]): string[] {
  const top = spans.find((span) => span.name === name);
  if (top === undefined)
    throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  const lines: string[] = [];
  const visit = (parent: Span, depth: number) => {
    const children = spans
      .filter((span) => span.parent_span_id === parent.span_id)
      .sort((a, b) => Number(BigInt(a.start_unix_nano) - BigInt(b.start_unix_nano)));
    for (const child of children) {
      const told = attributes.flatMap((key) =>
        child.attributes[key] === undefined ? [] : [String(child.attributes[key])],
      );
      const failed = child.status.code === 'ERROR' ? [`! ${child.status.message}`] : [];
      lines.push(`${'  '.repeat(depth)}${[child.name, ...told, ...failed].join(' ')}`);
      visit(child, depth + 1);
    }
  };
  visit(top, 0);
  return lines;
}
