/** A kong.yml of these entities, as JSON, which YAML takes too. */
export function kongYml(content: object): string {
  return JSON.stringify({ _format_version: '3.0', ...content });
}

/** A kong.yml with one service and one route for every path, which is passed on whole. */
export function oneRoute(url: string, route: object = {}, service: object = {}): string {
  return `_format_version: "3.0"
services:
- ${JSON.stringify({ name: 'up', url, ...service, routes: [{ name: 'all', paths: ['/'], strip_path: false, ...route }] })}
`;
}

/** The `plugins` of a kong.yml; a later entry is no more global than its fields say. */
export function pluginList(plugins: readonly object[]): string {
  return `plugins:\n${plugins.map((plugin) => `- ${JSON.stringify(plugin)}\n`).join('')}`;
}

/** {@link oneRoute} with plugins. */
export function routeWith(url: string, ...plugins: readonly { name: string; config: object }[]): string {
  return oneRoute(url) + pluginList(plugins);
}
