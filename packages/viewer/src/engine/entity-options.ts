/** A service or route that a session can be scoped to. */
export interface EntityOption {
  readonly id: string;
  readonly name: string | null;
}

/** What a session is asked for: the name where there is one that no other bears, else the id. */
export function keyOf(entity: EntityOption, all: readonly EntityOption[]): string {
  const { id, name } = entity;
  return name === null || all.some((other) => other.id !== id && other.name === name) ? id : name;
}

/** The routes of a service, given by name or id; every route where the service is empty or unknown. */
export function routesOfService<Route extends EntityOption & { readonly service_id: string | null }>(
  routes: readonly Route[],
  services: readonly EntityOption[],
  service: string,
): readonly Route[] {
  const found = services.find(({ id }) => id === service) ?? services.find(({ name }) => name === service);
  return found === undefined ? routes : routes.filter((route) => route.service_id === found.id);
}
