import { describe, expect, it } from 'vitest';
import { keyOf, routesOfService } from './entity-options.ts';

const services = [
  { id: 's1', name: 'orders' },
  { id: 's2', name: null },
  { id: 's3', name: 'twice' },
  { id: 's4', name: 'twice' },
];
const routes = [
  { id: 'r1', name: 'a', service_id: 's1' },
  { id: 'r2', name: 'b', service_id: 's2' },
  { id: 'r3', name: 'c', service_id: null },
];

describe('keyOf()', () => {
  it('is the name where that says which', () => {
    expect(services.map((service) => keyOf(service, services))).toEqual(['orders', 's2', 's3', 's4']);
  });
});

describe('routesOfService()', () => {
  it('narrows to a service by name or id, and not to one it does not know', () => {
    expect(routesOfService(routes, services, 'orders')).toEqual([routes[0]]);
    expect(routesOfService(routes, services, 's2')).toEqual([routes[1]]);
    expect(routesOfService(routes, services, '')).toEqual(routes);
    expect(routesOfService(routes, services, 'gone')).toEqual(routes);
  });
});
