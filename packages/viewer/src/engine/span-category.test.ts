import { CATALOGUE } from '@gatescope/trace';
import { describe, expect, it } from 'vitest';
import { categoryOf, phaseOfSpan, pluginOfSpan } from './span-category.ts';

describe('categoryOf()', () => {
  it('tells what every span of the catalogue is about', () => {
    const categories = Object.fromEntries(
      CATALOGUE.filter(({ name }) => !name.includes('.plugin.') && !name.startsWith('kong.phase.')).map(
        ({ name }) => [name, categoryOf(name)],
      ),
    );
    expect(categories).toEqual({
      kong: 'gateway',
      'kong.tls_handshake': 'client',
      'kong.read_client_http_headers': 'client',
      'kong.read_client_http_body': 'client',
      'kong.router': 'router',
      'kong.upstream.selection': 'connect',
      'kong.dns': 'dns',
      'kong.upstream.find_upstream': 'connect',
      'kong.send_request_to_upstream': 'upstream',
      'kong.read_headers_from_upstream': 'upstream',
      'kong.read_body_from_upstream': 'upstream',
      'kong.wait_for_client_read': 'client',
      'kong.io.<client>.<function>': 'io',
    });
    expect(categoryOf('kong.phase.access')).toBe('gateway');
    expect(categoryOf('kong.access.plugin.cors')).toBe('plugin');
    expect(categoryOf('my.own.span')).toBe('plugin');
  });
});

describe('pluginOfSpan() and phaseOfSpan()', () => {
  it('take names apart', () => {
    expect(pluginOfSpan('kong.header_filter.plugin.my.plugin')).toEqual({
      phase: 'header_filter',
      plugin: 'my.plugin',
    });
    expect(pluginOfSpan('kong.phase.access')).toBeNull();
    expect(phaseOfSpan('kong.phase.body_filter')).toBe('body_filter');
    expect(phaseOfSpan('kong')).toBeNull();
  });
});
