import { type Logger, messageOf } from '@gatescope/base';
import type { Consumer, GatewayConfig, PluginEntity, Route } from '../config/entities.ts';
import type { PluginDefinition, PluginEnvironment, PluginInstance, SpanSink } from './plugin.ts';

/** A plugin entity with its instance. */
export interface BoundPlugin {
  readonly name: string;
  /** Id of the plugin entity. */
  readonly id: string;
  readonly instance: PluginInstance;
}

/** The place of one plugin in a chain: who runs depends on the consumer, where some configuration is a consumer's own. */
export interface ChainSlot {
  readonly common: BoundPlugin | null;
  readonly byConsumer: ReadonlyMap<string, BoundPlugin> | null;
}

type PhaseMethod = 'rewrite' | 'access' | 'response' | 'headerFilter' | 'bodyFilter' | 'log';

/** What runs for a route, phase by phase, resolved once. */
export interface PluginChain {
  readonly rewrite: readonly ChainSlot[];
  readonly access: readonly ChainSlot[];
  readonly response: readonly ChainSlot[];
  readonly headerFilter: readonly ChainSlot[];
  readonly bodyFilter: readonly ChainSlot[];
  readonly log: readonly ChainSlot[];
  /** Takes the spans of its requests; null: only sessions do. */
  readonly spans: SpanSink | null;
}

/** The plugin of a slot for a consumer. */
export function pluginOf(slot: ChainSlot, consumer: Consumer | null): BoundPlugin | null {
  if (consumer !== null && slot.byConsumer !== null) return slot.byConsumer.get(consumer.id) ?? slot.common;
  return slot.common;
}

/** The chains of a configuration: one per route, and one of the global plugins for requests without a route. */
export class PluginChains {
  readonly #byRoute = new Map<string, PluginChain>();
  readonly #bound: BoundPlugin[];
  readonly #logger: Logger;
  readonly globals: PluginChain;

  /** `order` lists the plugins in the order they run. */
  constructor(
    config: GatewayConfig,
    order: readonly PluginDefinition[],
    environment: Omit<PluginEnvironment, 'instanceId' | 'log'>,
    logger: Logger,
  ) {
    this.#logger = logger;
    const definitions = new Map(order.map((definition) => [definition.name, definition]));
    const instances = new Map<PluginEntity, BoundPlugin>();
    for (const entity of config.plugins) {
      const definition = definitions.get(entity.name);
      if (!entity.enabled || definition === undefined) continue;
      const { id, name } = entity;
      const instance = definition.create(entity.config, {
        ...environment,
        instanceId: id,
        log: (level, message, attributes) =>
          logger.log(level, 'plugin', `${name}: ${message}`, {
            plugin: name,
            instance_id: id,
            ...attributes,
          }),
      });
      instances.set(entity, { name, id, instance });
    }
    this.#bound = [...instances.values()];
    const names = order.map((definition) => definition.name);
    this.globals = buildChain(names, instances, null);
    for (const route of config.routes) this.#byRoute.set(route.id, buildChain(names, instances, route));
  }

  of(route: Route): PluginChain {
    return this.#byRoute.get(route.id) ?? this.globals;
  }

  /** Global plugins that act in the certificate phase. */
  get certificate(): readonly BoundPlugin[] {
    return this.#bound.filter((plugin) => plugin.instance.certificate !== undefined);
  }

  /** Whether some plugin wants to see clients' certificates. */
  get asksForClientCertificate(): boolean {
    return this.#bound.some((plugin) => plugin.instance.asksForClientCertificate === true);
  }

  /** Whether some plugin takes spans. */
  get hasSpanSinks(): boolean {
    return this.#bound.some(({ instance }) => instance.spans !== undefined);
  }

  /** Resolves when every plugin has let go of what it holds; a plugin that can't is told of and does not keep the others. */
  async close(): Promise<void> {
    await Promise.all(this.#bound.map((plugin) => this.#closeOne(plugin)));
  }

  async #closeOne({ name, id, instance }: BoundPlugin): Promise<void> {
    try {
      await instance.close?.();
    } catch (error) {
      this.#logger.log('error', 'plugin', `${name} can't be closed: ${messageOf(error)}`, {
        instance_id: id,
      });
    }
  }
}

function buildChain(
  names: readonly string[],
  instances: ReadonlyMap<PluginEntity, BoundPlugin>,
  route: Route | null,
): PluginChain {
  const slots = names.flatMap((name) => {
    const applicable = [...instances.keys()].filter(
      (entity) => entity.name === name && applies(entity, route),
    );
    if (applicable.length === 0) return [];
    return [buildSlot(applicable, instances)];
  });
  const globals = names.flatMap((name) => {
    const entity = [...instances.keys()].find((one) => one.name === name && isGlobal(one));
    return entity === undefined ? [] : [{ common: instances.get(entity)!, byConsumer: null }];
  });
  const having = (method: PhaseMethod, from: readonly ChainSlot[] = slots) =>
    from.filter((slot) =>
      [slot.common, ...(slot.byConsumer?.values() ?? [])].some(
        (plugin) => plugin?.instance[method] !== undefined,
      ),
    );
  return Object.freeze({
    rewrite: having('rewrite', globals),
    access: having('access'),
    response: having('response'),
    headerFilter: having('headerFilter'),
    bodyFilter: having('bodyFilter'),
    log: having('log'),
    spans: slots.map(({ common }) => common?.instance.spans).find((sink) => sink !== undefined) ?? null,
  });
}

function isGlobal(entity: PluginEntity): boolean {
  return entity.service_id === null && entity.route_id === null && entity.consumer_id === null;
}

function applies(entity: PluginEntity, route: Route | null): boolean {
  if (entity.route_id !== null && entity.route_id !== route?.id) return false;
  return entity.service_id === null || entity.service_id === route?.service?.id;
}

/** Among several configurations of one plugin the most specific wins: consumer before route before service. */
function buildSlot(
  entities: readonly PluginEntity[],
  instances: ReadonlyMap<PluginEntity, BoundPlugin>,
): ChainSlot {
  const weight = (entity: PluginEntity) =>
    (entity.route_id === null ? 0 : 2) + (entity.service_id === null ? 0 : 1);
  const best = new Map<string | null, PluginEntity>();
  for (const entity of entities) {
    const current = best.get(entity.consumer_id);
    if (current === undefined || weight(entity) > weight(current)) best.set(entity.consumer_id, entity);
  }
  const common = best.get(null);
  best.delete(null);
  const byConsumer = new Map([...best].map(([consumer, entity]) => [consumer!, instances.get(entity)!]));
  return {
    common: common === undefined ? null : instances.get(common)!,
    byConsumer: byConsumer.size === 0 ? null : byConsumer,
  };
}
