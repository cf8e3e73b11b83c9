import { describe, expect, it } from 'vitest';
import { attributeGroups, attributeText, foundAttributes, recordsOf } from './attribute-groups.ts';

describe('attributeGroups()', () => {
  it('groups by subject, in the catalogue’s order, unknown ones by name at the end', () => {
    const groups = attributeGroups('kong', {
      'my.own': 1,
      'another.own': 2,
      'proxy.kong.latency.total': 5,
      'http.response.status_code': 200,
      'http.request.method': 'GET',
      'client.address': '10.0.0.1',
    });
    expect(groups.map(({ title, attributes }) => [title, ...attributes.map(({ name }) => name)])).toEqual([
      ['Request and response', 'http.request.method', 'http.response.status_code'],
      ['Latency', 'proxy.kong.latency.total'],
      ['Client and network', 'client.address'],
      ['Other', 'another.own', 'my.own'],
    ]);
    expect(groups[0]!.attributes[0]!.description).toBe('Request method');
    expect(groups[3]!.attributes[0]).toEqual({
      name: 'another.own',
      value: 2,
      unit: null,
      description: null,
    });
  });

  it('knows the attributes of a plugin’s span whatever the plugin', () => {
    const [group] = attributeGroups('kong.access.plugin.cors', { 'proxy.kong.plugin.instance_id': 'x' });
    expect(group!.attributes[0]!.description).not.toBeNull();
  });

  it('is empty without attributes', () => expect(attributeGroups('my.span', {})).toEqual([]));
});

describe('attributeText()', () => {
  it('writes units and structures', () => {
    expect(attributeText({ value: 1.5, unit: 'ms' })).toBe('1.5 ms');
    expect(attributeText({ value: 12_345, unit: 'By' })).toBe('12,345 B');
    expect(attributeText({ value: 5, unit: null })).toBe('5');
    expect(attributeText({ value: true, unit: null })).toBe('true');
    expect(attributeText({ value: ['a'], unit: null })).toBe('["a"]');
    expect(attributeText({ value: 'as it is', unit: null })).toBe('as it is');
  });
});

describe('recordsOf()', () => {
  it('tells a list of records from everything else', () => {
    expect(recordsOf([{ ip: '10.0.0.1' }])).toEqual([{ ip: '10.0.0.1' }]);
    for (const value of [[], ['a'], [null], [[]], {}, 'x', null]) expect(recordsOf(value)).toBeNull();
  });
});

describe('foundAttributes()', () => {
  const attributes = { 'http.route': 'Orders', 'my.list': ['cart'], count: 3 };

  it('gives all where nothing is looked for and all have room', () => {
    expect(foundAttributes(attributes, '', 3)).toBe(attributes);
  });

  it('looks in names and values, whatever the case', () => {
    expect(foundAttributes(attributes, 'ORDERS', 9)).toEqual({ 'http.route': 'Orders' });
    expect(foundAttributes(attributes, 'cart', 9)).toEqual({ 'my.list': ['cart'] });
    expect(foundAttributes(attributes, 'o', 1)).toEqual({ 'http.route': 'Orders' });
  });
});
