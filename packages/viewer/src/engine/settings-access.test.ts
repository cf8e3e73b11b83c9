import { describe, expect, it } from 'vitest';
import { SETTINGS_PAGES } from './paths.ts';
import { maySeeSettings } from './settings-access.ts';

describe('maySeeSettings()', () => {
  it.each([
    ['viewer', ['payload-capture']],
    ['control_plane_admin', ['payload-capture', 'redaction', 'tokens']],
    ['org_admin', [...SETTINGS_PAGES]],
  ] as const)('shows a %s its pages', (role, pages) =>
    expect(SETTINGS_PAGES.filter((page) => maySeeSettings(role, page))).toEqual(pages),
  );
});
